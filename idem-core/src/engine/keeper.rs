//! The one background thread of a process: it renews the leases of all running claims, and finishes what dropped calls
//! left behind.
//!
//! A thread with a runtime of its own, because a body may block the thread that it is polled on, and with it everything
//! that is queued there. And one for all claims, because a task per call would be the dearest thing in the engine.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, TryLockError, mpsc};
use std::time::Instant;

use tokio::runtime::{Builder, Handle, Runtime};
use tokio::sync::Notify;

use crate::{ClaimRequest, Extension, Key, Listener, Store, StoreError};

use super::book::{self, Book, Due, Place, RENEW_AFTER, REPEAT_AFTER};
use super::drain::Drain;
use super::landings::Landings;
use super::lanes::{Lanes, place_of};
use super::lease::Lease;
use super::owed::Owed;
use super::report;
use super::settle::{Ending, Settlement};
use super::waiters::Waiters;

/// How many leases are renewed by one statement.
const MOST_TOGETHER: usize = 256;

pub(super) struct Keeper {
    /// The process that it is of. A fork has a copy of it, and none of its thread.
    process: u32,
    book: Mutex<Book>,
    changed: Notify,
    runtime: Handle,
    drain: Drain,
    lanes: Lanes,
    landings: Landings,
    waiters: Waiters,
    owed: Owed,
}

impl Keeper {
    /// Starts the thread.
    pub(super) fn start(process: u32) -> std::io::Result<&'static Self> {
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let handle = runtime.handle().clone();
        let (hand_over, handed_over) = mpsc::channel::<&'static Self>();
        // Before anything is made that stays for ever: a thread that cannot be started now may be startable later.
        std::thread::Builder::new().name("idem-keeper".into()).spawn(move || {
            if let Ok(keeper) = handed_over.recv() {
                keeper.keep(&runtime);
            }
        })?;
        let keeper: &'static Self = Box::leak(Box::new(Self {
            process,
            book: Mutex::default(),
            changed: Notify::new(),
            runtime: handle,
            drain: Drain::default(),
            lanes: Lanes::default(),
            landings: Landings::default(),
            waiters: Waiters::default(),
            owed: Owed::default(),
        }));
        // The thread is there, and waits for it.
        let _ = hand_over.send(keeper);
        Ok(keeper)
    }

    /// Renews `lease` until the renewal is dropped. `since` is when the claim was asked for: its lease began after that.
    pub(super) fn renew(&'static self, lease: Arc<Lease>, since: Instant) -> Renewal {
        // Where the answer came late, that is not the doing of this thread.
        let due_at = (since + lease.duration() / RENEW_AFTER).max(Instant::now());
        let mut book = self.book();
        let place = book.enter(lease, due_at);
        self.wake_by(&mut book, due_at);
        Renewal { keeper: self, place }
    }

    /// Settles a claim in the background, renewing its lease meanwhile if `renewal` is given.
    pub(super) fn detach(&'static self, settlement: Settlement, renewal: Option<Renewal>) {
        // After a fork the claim is still the parent's.
        if !self.is_of_this_process() {
            return;
        }
        let is_release = matches!(settlement.ending, Ending::Release);
        let counted = if is_release { self.drain.lapsing() } else { self.drain.unsettled() };
        let lane = self.lanes.of(&settlement.store);
        self.runtime.spawn(async move {
            settlement.run(&self.drain, &lane).await;
            drop(renewal);
            drop(counted);
        });
    }

    /// Leaves a claim to lapse, at `lapses_at`. If the process comes to its end before that, the claim is settled instead.
    pub(super) fn leave_to_lapse(&'static self, settlement: Settlement, lapses_at: Instant) {
        if !self.is_of_this_process() {
            return;
        }
        let lapsing = self.drain.lapsing();
        let lane = self.lanes.of(&settlement.store);
        self.runtime.spawn(async move {
            tokio::select! {
                () = self.drain.begun() => settlement.run(&self.drain, &lane).await,
                () = tokio::time::sleep_until(lapses_at.into()) => {}
            }
            drop(lapsing);
        });
    }

    /// Releases the claim of a request whose caller has given up, if it lands.
    pub(super) fn look_for(&'static self, store: &Arc<dyn Store>, request: &ClaimRequest) {
        if self.is_of_this_process() && self.landings.enter(store, request, self.drain.landing()) {
            self.runtime.spawn(self.landings.look(self, Arc::clone(store)));
        }
    }

    /// Lets a store begin to listen from within this runtime, so that what it spawns for that is not blocked by bodies.
    pub(super) fn listen(&self, store: &dyn Store, key: &Key) -> Option<Box<dyn Listener>> {
        let _entered = self.runtime.enter();
        store.listen(key)
    }

    pub(super) fn drain(&self) -> &Drain {
        &self.drain
    }

    pub(super) fn waiters(&self) -> &Waiters {
        &self.waiters
    }

    pub(super) fn owed(&self) -> &Owed {
        &self.owed
    }

    pub(super) fn runtime(&self) -> &Handle {
        &self.runtime
    }

    pub(super) fn is_of_this_process(&self) -> bool {
        std::process::id() == self.process
    }

    fn keep(&'static self, runtime: &Runtime) {
        runtime.block_on(async {
            loop {
                let (due, wakes_at) = self.take_due(Instant::now());
                for together in in_groups(due) {
                    tokio::spawn(self.renew_once(together));
                }
                let alarm = async {
                    match wakes_at {
                        Some(at) => tokio::time::sleep_until(at.into()).await,
                        None => std::future::pending().await,
                    }
                };
                tokio::select! {
                    () = alarm => {}
                    () = self.changed.notified() => {}
                }
            }
        });
    }

    /// The leases that are due, and when to look again.
    fn take_due(&self, now: Instant) -> (Vec<Due>, Option<Instant>) {
        let mut book = self.book();
        let due = book.take_due(now);
        // An alarm that was set for a claim which has ended stays set: resetting it would wake the thread for each call.
        book.wakes_at = book.first_due();
        (due, book.wakes_at)
    }

    /// Renews leases of one store.
    async fn renew_once(&'static self, together: Vec<Due>) {
        let Some(shortest) = together.iter().map(|due| due.lease.duration()).min() else { return };
        let (together, _on_their_way): (Vec<_>, Vec<_>) =
            together.into_iter().filter_map(|due| due.lease.renewing().map(|renewing| (due, renewing))).unzip();
        for Due { lease, is_late, .. } in &together {
            if lease.begins_late(*is_late) {
                report::renewed_late(lease.claim());
            }
        }
        let asked_at = Instant::now();
        let patience = book::patience(shortest, together.len() > 1);
        let answers = tokio::time::timeout(patience, extend(&together)).await;
        let (mut answers, is_silent) = match answers {
            Ok(answers) => (answers.into_iter(), false),
            Err(_) => (Vec::new().into_iter(), true),
        };
        for Due { place, lease, .. } in &together {
            match answers.next() {
                Some(Ok(())) => {
                    lease.is_renewed(asked_at);
                    self.book().put_off(*place, asked_at + lease.duration() / RENEW_AFTER, false);
                }
                Some(Err(error)) if error.is_claim_lost() => {
                    let _left = self.book().leave(*place);
                    lease.not_renewed();
                }
                // Enough time has passed, and the next one must not wait for whoever this one waited for.
                None if is_silent && together.len() > 1 => self.repeat(*place, Instant::now(), true),
                // One that is the reason why others are not renewed stays alone until it is.
                answer => {
                    let error = answer.and_then(Result::err);
                    // What failed together with others is told if it fails alone, too.
                    if together.len() == 1 && lease.fails_to_be_renewed() {
                        report::not_renewed(lease.claim(), error.as_ref());
                    }
                    let may_pass = error.is_some_and(|error| error.is_retryable());
                    let alone = together.len() > 1 || !may_pass;
                    self.repeat(*place, Instant::now() + lease.duration() / REPEAT_AFTER, alone);
                }
            }
        }
    }

    fn repeat(&self, place: Place, at: Instant, alone: bool) {
        let mut book = self.book();
        book.put_off(place, at, alone);
        self.wake_by(&mut book, at);
    }

    /// Sees to it that the thread looks at the book at `at`; it is told only if it would sleep longer.
    fn wake_by(&self, book: &mut Book, at: Instant) {
        if book.wakes_at.is_none_or(|wakes_at| at < wakes_at) {
            book.wakes_at = Some(at);
            self.changed.notify_one();
        }
    }

    /// Nothing panics while the book is open, so a poisoned lock protects nothing.
    fn book(&self) -> MutexGuard<'_, Book> {
        self.book.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What is due, in groups that one statement can renew.
fn in_groups(due: Vec<Due>) -> Vec<Vec<Due>> {
    let mut groups = Vec::new();
    let mut of_a_store: HashMap<usize, Vec<Due>> = HashMap::new();
    for due in due {
        if due.alone {
            groups.push(vec![due]);
            continue;
        }
        let group = of_a_store.entry(place_of(due.lease.store())).or_default();
        group.push(due);
        if group.len() == MOST_TOGETHER {
            groups.push(std::mem::take(group));
        }
    }
    groups.extend(of_a_store.into_values());
    groups
}

/// Renews the leases of one store, with an answer for each.
async fn extend(together: &[Due]) -> Vec<Result<(), StoreError>> {
    match together {
        [] => Vec::new(),
        [Due { lease, .. }] => vec![lease.store().extend(lease.claim(), lease.duration()).await],
        [Due { lease: first, .. }, ..] => {
            let of = |Due { lease, .. }: &Due| Extension { claim: lease.claim().clone(), lease: lease.duration() };
            let extensions: Vec<_> = together.iter().map(of).collect();
            first.store().extend_all(&extensions).await
        }
    }
}

/// Renews a lease for as long as it lives.
pub(super) struct Renewal {
    keeper: &'static Keeper,
    place: Place,
}

impl Drop for Renewal {
    fn drop(&mut self) {
        let book = match self.keeper.book.try_lock() {
            // After a fork the book is the parent's, and whoever had it open is not here to close it.
            Err(TryLockError::WouldBlock) if !self.keeper.is_of_this_process() => return,
            Err(TryLockError::WouldBlock) => self.keeper.book(),
            Err(TryLockError::Poisoned(poisoned)) => poisoned.into_inner(),
            Ok(book) => book,
        };
        let _left = { book }.leave(self.place);
    }
}
