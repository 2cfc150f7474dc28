//! The lease of one running claim, shared by the attempt, the keeper and the body.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

use tokio::sync::Notify;

use crate::{Claim, Store};

use super::keeper::Keeper;
use super::owed::OwedEnd;
use super::settle::within;

/// How long a claim that is given up waits for its renewal at most.
const LONGEST_REST: Duration = Duration::from_millis(500);

/// A claim under its lease, and whether it was lost.
pub(crate) struct Lease {
    store: Arc<dyn Store>,
    claim: Claim,
    duration: Duration,
    /// When the last claim or renewal that succeeded was asked for: the lease lasts from then, or from a little later.
    since: Mutex<Instant>,
    lost: AtomicBool,
    /// The body has ended: from here on the last write of the claim tells whether it was lost, and no renewal does.
    settling: AtomicBool,
    /// The last write of the claim failed at first, and is tried again.
    owed: OnceLock<OwedEnd>,
    /// The body is being polled, or was when it panicked.
    polling: AtomicBool,
    /// The body said that nobody will know what it did if it does not return a value.
    unknown: AtomicBool,
    /// It must not be renewed now.
    resting: AtomicBool,
    /// How many renewals are on their way.
    renewing: AtomicUsize,
    /// Its last renewal failed, and that was told.
    told: AtomicBool,
    /// Its last renewal began late, and that was told.
    told_late: AtomicBool,
    /// The task that runs the body.
    runner: Mutex<Option<Waker>>,
    /// Whoever else waits for the loss, or for the renewal that is on its way.
    others: Notify,
}

impl Lease {
    /// The lease of a claim that was asked for at `since`.
    pub(super) fn new(store: Arc<dyn Store>, claim: Claim, duration: Duration, since: Instant) -> Self {
        Self {
            store,
            claim,
            duration,
            since: Mutex::new(since),
            lost: AtomicBool::new(false),
            settling: AtomicBool::new(false),
            owed: OnceLock::new(),
            polling: AtomicBool::new(false),
            unknown: AtomicBool::new(false),
            resting: AtomicBool::new(false),
            renewing: AtomicUsize::new(0),
            told: AtomicBool::new(false),
            told_late: AtomicBool::new(false),
            runner: Mutex::default(),
            others: Notify::new(),
        }
    }

    pub(super) fn store(&self) -> &Arc<dyn Store> {
        &self.store
    }

    pub(crate) fn claim(&self) -> &Claim {
        &self.claim
    }

    pub(super) fn duration(&self) -> Duration {
        self.duration
    }

    pub(crate) fn is_lost(&self) -> bool {
        self.lost.load(Ordering::SeqCst)
    }

    /// Waits until the claim is lost.
    pub(crate) async fn lost(&self) {
        loop {
            let changed = self.others.notified();
            if self.is_lost() {
                return;
            }
            changed.await;
        }
    }

    /// Whether the claim is lost, for the one task that runs the body, which is woken when it is.
    pub(super) fn poll_lost(&self, context: &Context<'_>) -> Poll<()> {
        match &mut *self.runner() {
            Some(waker) => waker.clone_from(context.waker()),
            nobody => *nobody = Some(context.waker().clone()),
        }
        // After the waker is in its place: a loss in between has woken nobody.
        if self.is_lost() { Poll::Ready(()) } else { Poll::Pending }
    }

    /// The body has ended, and the last write of the claim is on its way.
    pub(super) fn settle(&self) {
        self.settling.store(true, Ordering::SeqCst);
    }

    /// The last write is not stored yet. As long as this lease lives, nobody in this process takes the claim over.
    pub(super) fn owes_its_end(&self, keeper: &'static Keeper) {
        self.owed.get_or_init(|| OwedEnd::of(keeper, &self.claim, &self.store));
    }

    /// Polls the body by `poll`, and remembers if it panics.
    pub(super) fn polling<T>(&self, poll: impl FnOnce() -> T) -> T {
        self.polling.store(true, Ordering::Relaxed);
        let polled = poll();
        self.polling.store(false, Ordering::Relaxed);
        polled
    }

    /// Whether the body panicked.
    pub(super) fn has_panicked(&self) -> bool {
        self.polling.load(Ordering::Relaxed)
    }

    pub(crate) fn mark_unknown(&self) {
        self.unknown.store(true, Ordering::SeqCst);
    }

    /// Whether the effect of a body that does not return a value is unknown.
    pub(super) fn is_effect_unknown(&self) -> bool {
        self.unknown.load(Ordering::SeqCst)
    }

    /// A renewal found that the claim is not held any more. Where the body has ended, that may be the doing of its own last
    /// write, whose answer is still on its way.
    pub(super) fn not_renewed(&self) {
        if !self.settling.load(Ordering::SeqCst) {
            self.lose();
        }
    }

    /// A renewal is on its way until this is dropped; `None` while none must be.
    pub(super) fn renewing(self: &Arc<Self>) -> Option<Renewing> {
        // Before the look, as `rest` says so before it looks: one of the two sees the other.
        self.renewing.fetch_add(1, Ordering::SeqCst);
        let renewing = Renewing(Arc::clone(self));
        (!self.resting.load(Ordering::SeqCst)).then_some(renewing)
    }

    /// How long renewals rest for one thing. Twice that is over before a renewal that was left out is made up for.
    pub(super) fn longest_rest(&self) -> Duration {
        (self.duration / 6).min(LONGEST_REST)
    }

    /// Lets no renewal begin until this is dropped, and waits for the one that is on its way, but no longer than a store takes
    /// that answers. What is given up must not be renewed after that.
    pub(super) async fn rest(&self) -> Resting<'_> {
        self.resting.store(true, Ordering::SeqCst);
        let resting = Resting(self);
        let answered = async {
            loop {
                let changed = self.others.notified();
                if self.renewing.load(Ordering::SeqCst) == 0 {
                    return;
                }
                changed.await;
            }
        };
        // One that has no answer by now may never have one.
        let _ = within(self.longest_rest(), answered).await;
        resting
    }

    /// Whether this is the first renewal that failed since one did not.
    pub(super) fn fails_to_be_renewed(&self) -> bool {
        !self.told.swap(true, Ordering::Relaxed)
    }

    /// A renewal begins, late or not. Whether it is the first that does so late since one did not.
    pub(super) fn begins_late(&self, is_late: bool) -> bool {
        !self.told_late.swap(is_late, Ordering::Relaxed) && is_late
    }

    /// A renewal that was asked for at `since` has succeeded.
    pub(super) fn is_renewed(&self, since: Instant) {
        self.told.store(false, Ordering::Relaxed);
        let mut latest = self.since();
        *latest = since.max(*latest);
    }

    /// Whether it may have run out, so that somebody else may have taken the claim over.
    pub(super) fn may_have_lapsed(&self) -> bool {
        self.since().elapsed() >= self.duration
    }

    /// Tells everybody that the claim is lost.
    pub(super) fn lose(&self) {
        self.lost.store(true, Ordering::SeqCst);
        // Taken first: an executor may poll where it wakes, and that poll takes the lock.
        let runner = self.runner().take();
        if let Some(runner) = runner {
            runner.wake();
        }
        self.others.notify_waiters();
    }

    /// Nothing panics under this lock, so a poisoned one protects nothing.
    fn since(&self) -> MutexGuard<'_, Instant> {
        self.since.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Nothing but the exchange of wakers happens under this lock, so a poisoned one protects nothing.
    fn runner(&self) -> MutexGuard<'_, Option<Waker>> {
        self.runner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A renewal that is on its way.
pub(super) struct Renewing(Arc<Lease>);

impl Drop for Renewing {
    fn drop(&mut self) {
        self.0.renewing.fetch_sub(1, Ordering::SeqCst);
        self.0.others.notify_waiters();
    }
}

/// No renewal begins.
pub(super) struct Resting<'l>(&'l Lease);

impl Resting<'_> {
    /// Lets none begin any more.
    pub(super) fn for_good(self) {
        std::mem::forget(self);
    }
}

impl Drop for Resting<'_> {
    fn drop(&mut self) {
        self.0.resting.store(false, Ordering::SeqCst);
    }
}
