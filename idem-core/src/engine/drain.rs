//! The end of a process: nothing is claimed any more, and what is claimed is settled.

use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use tokio::sync::{Notify, watch};
use tracing::warn;

use super::process;

/// Waits until nothing is left to settle, or for as long as `limit`, and says what is left. From the first poll on, this process
/// claims nothing more: new calls, and those that wait, get an error that [says so](crate::Error::is_draining) and can be tried
/// again elsewhere. Calls inside a body that runs already go on.
///
/// For the end of `main`, after the server has stopped and while the runtime still runs:
///
/// - bodies that run are waited for, and their outcomes stored;
/// - outcomes of calls that were dropped are stored;
/// - claims of callers that gave up while they claimed are looked for and released;
/// - claims of bodies that were dropped, which would stand until their leases run out, are released, or under
///   [`Abandoned::Refuse`](crate::Abandoned::Refuse) left for a person to decide.
///
/// ```
/// use std::time::Duration;
///
/// use idem_core::{Error, MemoryStore, Operation, drained};
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// let store = MemoryStore::new();
/// let charge = async |_| Ok::<_, Error>("charged".to_owned());
/// Operation::new("charge", &17).run(&store, charge).await.expect("the body runs");
///
/// let left = drained(Duration::from_secs(20)).await;
/// assert!(left.is_nothing(), "{left}");
/// let late = Operation::new("charge", &18).run(&store, charge).await;
/// assert!(late.is_err_and(|error| error.is_draining() && error.is_retryable()));
/// # }
/// ```
///
/// What is left when `main` returns is lost with the process: a body that still runs is gone, an outcome that was not stored is not
/// stored, and their claims lapse with their leases. The same happens to everything that is in the background if nobody calls
/// this.
pub async fn drained(limit: Duration) -> Remaining {
    let Ok(keeper) = process::keeper(std::process::id()) else { return Remaining::default() };
    keeper.drain().begin();
    keeper.waiters().wake_all();
    // On the thread of the keeper, whose clock nobody can stop.
    let waits = keeper.runtime().spawn(async move {
        let _ = tokio::time::timeout(limit, keeper.drain().over()).await;
        keeper.drain().left()
    });
    let left = waits.await.unwrap_or_default();
    if !left.is_nothing() {
        let Remaining { running, unsettled, given_up } = left;
        warn!(target: "idem", running, unsettled, given_up, "the process ends before its calls");
    }
    left
}

/// What [`drained`] could not wait for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Remaining {
    running: usize,
    unsettled: usize,
    given_up: usize,
}

impl Remaining {
    /// Whether the process can end and nothing is lost.
    #[must_use]
    pub fn is_nothing(&self) -> bool {
        (self.running, self.unsettled, self.given_up) == (0, 0, 0)
    }

    /// How many calls still claim, or run their bodies. Their effects may happen, and their outcomes will not be stored.
    #[must_use]
    pub fn running(&self) -> usize {
        self.running
    }

    /// How many claims have ended, and the store does not know it yet: outcomes that it did not take, releases.
    #[must_use]
    pub fn unsettled(&self) -> usize {
        self.unsettled
    }

    /// How many callers gave up while they claimed, so that their claims may be in the store. No body ran under these, but a
    /// claim that is there blocks its key until its lease is over, and under [`Abandoned::Refuse`](crate::Abandoned::Refuse) until
    /// a person has decided.
    #[must_use]
    pub fn given_up(&self) -> usize {
        self.given_up
    }
}

impl fmt::Display for Remaining {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { running, unsettled, given_up } = self;
        write!(
            f,
            "{running} calls still run, the end of {unsettled} is not stored, and {given_up} gave up while they claimed"
        )
    }
}

/// What is under way in a process.
///
/// Each call that may claim, and each claim, is in at least one of the counts until nothing is left to do about it: what goes on
/// to another count is in that one before it leaves its own. A call goes from `running` to one of the others, if it does not
/// end there, and never back. So the counts that are read in this order miss none.
#[derive(Default)]
pub(super) struct Drain {
    begun: watch::Sender<bool>,
    /// The same, for each call to look at.
    is_begun: AtomicBool,
    /// Calls that are claiming, or hold a claim.
    running: AtomicUsize,
    /// Claims whose ends are stored in the background, because their bodies have run.
    unsettled: AtomicUsize,
    /// Claims that are released in the background, or left to lapse.
    lapsing: AtomicUsize,
    /// Claims of callers that gave up, which are looked for in the background.
    landing: AtomicUsize,
    ended: Notify,
}

impl Drain {
    pub(super) fn is_begun(&self) -> bool {
        self.is_begun.load(Ordering::SeqCst)
    }

    /// Waits until the process comes to its end.
    pub(super) async fn begun(&self) {
        // The sender is in `self`, so the channel is open.
        let _ = self.begun.subscribe().wait_for(|begun| *begun).await;
    }

    /// A call must be counted before it looks whether the process comes to its end: one that has seen that it does not is waited
    /// for then.
    pub(super) fn running(&'static self) -> Counted {
        Counted::in_count(self, &self.running)
    }

    pub(super) fn unsettled(&'static self) -> Counted {
        Counted::in_count(self, &self.unsettled)
    }

    pub(super) fn has_more_unsettled_than(&self, count: usize) -> bool {
        self.unsettled.load(Ordering::Relaxed) > count
    }

    pub(super) fn lapsing(&'static self) -> Counted {
        Counted::in_count(self, &self.lapsing)
    }

    pub(super) fn landing(&'static self) -> Counted {
        Counted::in_count(self, &self.landing)
    }

    fn begin(&self) {
        self.is_begun.store(true, Ordering::SeqCst);
        self.begun.send_replace(true);
    }

    async fn over(&self) {
        loop {
            let ended = self.ended.notified();
            if self.left().is_nothing() {
                return;
            }
            ended.await;
        }
    }

    fn left(&self) -> Remaining {
        // In the order in which a call goes through them.
        let running = self.running.load(Ordering::SeqCst);
        let unsettled = self.unsettled.load(Ordering::SeqCst) + self.lapsing.load(Ordering::SeqCst);
        Remaining { running, unsettled, given_up: self.landing.load(Ordering::SeqCst) }
    }
}

/// Counts until it is dropped.
pub(super) struct Counted {
    drain: &'static Drain,
    count: &'static AtomicUsize,
}

impl Counted {
    fn in_count(drain: &'static Drain, count: &'static AtomicUsize) -> Self {
        count.fetch_add(1, Ordering::SeqCst);
        Self { drain, count }
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.count.fetch_sub(1, Ordering::SeqCst);
        if self.drain.is_begun() {
            self.drain.ended.notify_waiters();
        }
    }
}
