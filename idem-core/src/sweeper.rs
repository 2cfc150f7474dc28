//! Removing what has expired, from time to time.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::Instant;
use tracing::{debug, warn};

use crate::{AsStore, Store, StoreError};

const EVERY: Duration = Duration::from_mins(5);
const SHORTEST_EVERY: Duration = Duration::from_secs(1);
const LONGEST_EVERY: Duration = Duration::from_hours(365 * 24);
const BATCH: u32 = 1_000;
/// Between two batches it pauses for as long as the last one took, so that the backend has half of the time for others.
const SHORTEST_PAUSE: Duration = Duration::from_millis(10);
const LONGEST_PAUSE: Duration = Duration::from_secs(1);
/// How often the time to the next turn doubles at most, while turns fail.
const MOST_DOUBLINGS: u32 = 3;

/// Removes expired records from a store, in small batches.
///
/// Expiry does not wait for it: an expired record counts as absent. What it does is to keep the table small. Every process
/// may have one; several on one store share the work.
///
/// From a cron job, or in a test:
///
/// ```
/// use idem_core::{Answer, Error, MemoryStore, Operation, Sweeper};
///
/// # let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
/// # runtime.block_on(async {
/// let store = MemoryStore::new();
/// Operation::new("docs", &17).run(&store, async |_| Ok::<_, Error>("done".to_owned())).await?;
///
/// let removed = Sweeper::new(&store).sweep_once().await?;
/// assert_eq!(removed, 0, "the outcome is kept for a day, unless it is set");
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// # }).unwrap();
/// ```
///
/// In the background of a service:
///
/// ```
/// use std::time::Duration;
///
/// use idem_core::{MemoryStore, Sweeper};
///
/// # let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
/// # runtime.block_on(async {
/// let store = MemoryStore::new();
/// let sweeper = Sweeper::new(&store).every(Duration::from_mins(10)).batch(500).start();
/// // … serve …
/// sweeper.stop().await;
/// assert!(store.is_empty());
/// # });
/// ```
#[derive(Clone)]
#[must_use = "a sweeper does nothing until it is started, or told to sweep once"]
pub struct Sweeper {
    store: Arc<dyn Store>,
    every: Duration,
    batch: u32,
}

/// A sweeper at work. It stops when this is dropped.
#[derive(Debug)]
#[must_use = "the sweeper stops when its handle is dropped; keep it for as long as the service runs"]
pub struct SweeperHandle {
    /// Its end is the signal.
    running: watch::Sender<()>,
    task: JoinHandle<()>,
}

impl Sweeper {
    /// A sweeper that sweeps every five minutes, in batches of a thousand records.
    pub fn new(store: impl AsStore) -> Self {
        Self { store: store.as_store(), every: EVERY, batch: BATCH }
    }

    /// Sets the time between two turns. A quarter of it is left to chance, either way, and the first turn comes at any time
    /// within it, so that processes that start together do not sweep in step.
    ///
    /// What is less than a second counts as one, and what is more than a year as one.
    pub fn every(self, time: Duration) -> Self {
        Self { every: time.clamp(SHORTEST_EVERY, LONGEST_EVERY), ..self }
    }

    /// Sets how many records are removed with one statement at most. Zero counts as one.
    pub fn batch(self, records: u32) -> Self {
        Self { batch: records.max(1), ..self }
    }

    /// Removes what has expired, batch by batch, until one is not full, and says how many records those were.
    ///
    /// After each batch it pauses for as long as that took, a second at most, so that it never has the backend to itself.
    ///
    /// # Errors
    ///
    /// The store's, at the first batch that fails. The batches before it are done.
    pub async fn sweep_once(&self) -> Result<u64, StoreError> {
        let (_running, mut stop) = Stop::new();
        let (removed, swept) = self.sweep(&mut stop).await;
        swept.map(|()| removed)
    }

    /// Sweeps in the background from now on, on the runtime of the caller.
    ///
    /// An error of the store is reported as an event of `tracing`, with the target `idem`, and the time to the next turn
    /// doubles, up to eight times what is set; it is never the end.
    ///
    /// # Panics
    ///
    /// Outside of a runtime of tokio, or if that has no timer.
    pub fn start(self) -> SweeperHandle {
        let (running, stop) = Stop::new();
        SweeperHandle { running, task: tokio::spawn(self.run(stop)) }
    }

    async fn run(self, mut stop: Stop) {
        let mut failures = 0;
        let mut wait = self.every.mul_f64(rand::random_range(0.0..1.0));
        while !stop.comes_within(wait).await {
            let (removed, swept) = self.sweep(&mut stop).await;
            failures = match swept {
                Ok(()) => {
                    debug!(target: "idem", removed, "expired records were removed");
                    0
                }
                Err(error) => {
                    report(&error, removed);
                    failures + 1
                }
            };
            let doubled = self.every * 2_u32.pow(failures.min(MOST_DOUBLINGS));
            wait = doubled.mul_f64(rand::random_range(0.75..1.25));
        }
    }

    /// Sweeps until a batch is not full, fails, or is the last before the end; with how many records were removed.
    async fn sweep(&self, stop: &mut Stop) -> (u64, Result<(), StoreError>) {
        let mut removed = 0;
        loop {
            let began = Instant::now();
            match self.store.purge_expired(self.batch).await {
                Ok(batch) => {
                    removed += batch;
                    if batch < u64::from(self.batch) {
                        return (removed, Ok(()));
                    }
                }
                Err(error) => return (removed, Err(error)),
            }
            let pause = began.elapsed().clamp(SHORTEST_PAUSE, LONGEST_PAUSE);
            if stop.comes_within(pause).await {
                return (removed, Ok(()));
            }
        }
    }
}

impl SweeperHandle {
    /// Stops the sweeper: a batch that is under way ends first, and then this returns.
    ///
    /// If the handle is dropped instead, the same happens, and nobody waits for it. A runtime that is shut down drops the
    /// batch; the records that it was about are removed some other time.
    pub async fn stop(self) {
        drop(self.running);
        // An error would be a panic of the store, which the runtime has reported.
        let _ = self.task.await;
    }
}

/// Tells the sweeper to stop.
struct Stop(watch::Receiver<()>);

impl Stop {
    fn new() -> (watch::Sender<()>, Self) {
        let (running, stop) = watch::channel(());
        (running, Self(stop))
    }

    /// Waits for `time`, unless it is to stop before.
    async fn comes_within(&mut self, time: Duration) -> bool {
        // Nothing is ever sent, so the only change is the end of the sender.
        tokio::time::timeout(time, self.0.changed()).await.is_ok()
    }
}

fn report(error: &StoreError, removed: u64) {
    let cause = std::error::Error::source(error).map(tracing::field::display);
    warn!(target: "idem", %error, cause, removed, "expired records could not be removed");
}

impl fmt::Debug for Sweeper {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sweeper").field("every", &self.every).field("batch", &self.batch).finish_non_exhaustive()
    }
}
