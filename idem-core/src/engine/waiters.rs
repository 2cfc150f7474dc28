//! Calls that wait for another one with their key.
//!
//! Those in the same process are woken when the claim ends; for all others there is polling, with backoff and jitter. A
//! waiter holds no connection, and nothing in the store.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{LazyLock, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::watch;

use crate::Key;

const FIRST_POLL: Duration = Duration::from_millis(5);
const LONGEST_POLL: Duration = Duration::from_millis(250);
/// A wait without an end ends after a year: a clock cannot be set to the end of time.
const LONGEST_WAIT: Duration = Duration::from_hours(365 * 24);

/// How many wait in this process, so that an ending claim need not look when nobody does.
static WAITING: AtomicUsize = AtomicUsize::new(0);
static KEYS: LazyLock<Mutex<HashMap<Key, watch::Sender<()>>>> = LazyLock::new(Mutex::default);

/// Wakes all calls of this process that wait for `key`.
pub(super) fn wake(key: &Key) {
    if WAITING.load(Ordering::SeqCst) == 0 {
        return;
    }
    // Cloned first: an executor may poll where it wakes, and a waiter that ends takes the lock.
    let ended = keys().get(key).cloned();
    if let Some(ended) = ended {
        ended.send_replace(());
    }
}

/// Nothing panics under this lock, so a poisoned one protects nothing.
fn keys() -> MutexGuard<'static, HashMap<Key, watch::Sender<()>>> {
    KEYS.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A call that waits.
pub(super) struct Waiting {
    key: Key,
    ended: watch::Receiver<()>,
    until: Instant,
    poll: Duration,
    asked_since: bool,
}

impl Waiting {
    /// Begins to listen. What ended before is not heard, so the caller asks the store once more.
    pub(super) fn begin(key: &Key, limit: Duration) -> Self {
        WAITING.fetch_add(1, Ordering::SeqCst);
        let ended = keys().entry(key.clone()).or_insert_with(|| watch::Sender::new(())).subscribe();
        let until = Instant::now() + limit.min(LONGEST_WAIT);
        Self { key: key.clone(), ended, until, poll: FIRST_POLL, asked_since: false }
    }

    /// Waits until it makes sense to ask again; `false` once the time is up.
    pub(super) async fn pause(&mut self, lease_left: Duration) -> bool {
        let left = self.until.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return false;
        }
        if !std::mem::replace(&mut self.asked_since, true) {
            return true;
        }
        // A lease ends at a known time, which one of the waiters should notice soon.
        let poll = jittered(self.poll).min(lease_left + jittered(FIRST_POLL)).min(left);
        self.poll = (self.poll * 2).min(LONGEST_POLL);
        let _ = tokio::time::timeout(poll, self.ended.changed()).await;
        true
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        WAITING.fetch_sub(1, Ordering::SeqCst);
        let mut keys = keys();
        if keys.get(&self.key).is_some_and(|ended| ended.receiver_count() == 1) {
            keys.remove(&self.key);
        }
    }
}

/// Between three quarters and five quarters of `pause`, so that waiters do not ask in step.
fn jittered(pause: Duration) -> Duration {
    pause.mul_f64(0.75 + 0.5 * rand::random::<f64>())
}
