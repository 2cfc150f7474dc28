//! Calls that wait for another one with their key.
//!
//! Those in the same process are woken when the claim ends. Across processes a store may tell, see
//! [`Store::listen`]; besides there is polling, with backoff and jitter, and seldom while the store tells. A waiter holds no
//! connection, and nothing in the store.

use std::collections::HashMap;
use std::future::pending;
use std::pin::pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::Instant;

use crate::{Key, Listener, Store};

use super::keeper::Keeper;
use super::settle::within;

const FIRST_POLL: Duration = Duration::from_millis(5);
const LONGEST_POLL: Duration = Duration::from_millis(250);
/// While the store tells what ends. A message may be lost, and a process of an older version sends none.
const HEARING_POLL: Duration = Duration::from_secs(1);
/// A question that is asked at the end of the time has this long for an answer.
const SHORTEST_PATIENCE: Duration = Duration::from_millis(250);
/// How long a clock that runs ahead is let run each time.
const A_MOMENT: Duration = Duration::from_millis(1);
/// A wait without an end ends after a year: a clock cannot be set to the end of time.
const LONGEST_WAIT: Duration = Duration::from_hours(365 * 24);

/// The calls of a process that wait.
#[derive(Default)]
pub(super) struct Waiters {
    /// How many there are, so that an ending claim need not look when there are none.
    count: AtomicUsize,
    keys: Mutex<HashMap<Key, watch::Sender<()>>>,
}

impl Waiters {
    /// Wakes all that wait for `key`.
    pub(super) fn wake(&self, key: &Key) {
        if self.count.load(Ordering::SeqCst) == 0 {
            return;
        }
        // Cloned first: an executor may poll where it wakes, and a waiter that ends takes the lock.
        let ended = self.keys().get(key).cloned();
        if let Some(ended) = ended {
            ended.send_replace(());
        }
    }

    /// Wakes all that wait.
    pub(super) fn wake_all(&self) {
        let all: Vec<_> = self.keys().values().cloned().collect();
        for ended in all {
            ended.send_replace(());
        }
    }

    fn subscribe(&self, key: &Key) -> watch::Receiver<()> {
        self.count.fetch_add(1, Ordering::SeqCst);
        self.keys().entry(key.clone()).or_insert_with(|| watch::Sender::new(())).subscribe()
    }

    fn leave(&self, key: &Key) {
        self.count.fetch_sub(1, Ordering::SeqCst);
        let mut keys = self.keys();
        if keys.get(key).is_some_and(|ended| ended.receiver_count() == 0) {
            keys.remove(key);
        }
    }

    /// Nothing panics under this lock, so a poisoned one protects nothing.
    fn keys(&self) -> MutexGuard<'_, HashMap<Key, watch::Sender<()>>> {
        self.keys.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Until when a call waits.
pub(super) fn until(limit: Duration) -> Instant {
    Instant::now() + limit.min(LONGEST_WAIT)
}

/// What a store answers to a call that waits until then; `None` if it does not answer in time.
///
/// A clock of tokio's that is paused runs ahead of a store that answers in real time: what counts is both.
pub(super) async fn answer_until<Asked: Future>(until: Instant, asked: Asked) -> Option<Asked::Output> {
    let patience = until.saturating_duration_since(Instant::now()).max(SHORTEST_PATIENCE);
    let began = std::time::Instant::now();
    let mut asked = pin!(asked);
    let mut left = patience;
    loop {
        match within(left, asked.as_mut()).await {
            Some(answer) => return Some(answer),
            None if began.elapsed() >= patience => return None,
            None => left = A_MOMENT,
        }
    }
}

/// A call that waits.
pub(super) struct Waiting {
    store: Arc<dyn Store>,
    ended: watch::Receiver<()>,
    /// Dropped after the receiver, so that the last one finds that it was the last.
    place: Place,
    listener: Option<Box<dyn Listener>>,
    until: Instant,
    poll: Duration,
    asked_since: bool,
}

/// A place among those who wait for a key.
struct Place {
    keeper: &'static Keeper,
    key: Key,
}

impl Waiting {
    /// Begins to wait for what ends in this process. What ended before is not heard, so the caller asks the store once more.
    pub(super) fn begin(keeper: &'static Keeper, store: Arc<dyn Store>, key: &Key, until: Instant) -> Self {
        let ended = keeper.waiters().subscribe(key);
        let place = Place { keeper, key: key.clone() };
        Self { store, ended, place, listener: None, until, poll: FIRST_POLL, asked_since: false }
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
        // What ends within the first pause is not worth a subscription.
        if self.listener.is_none() && self.poll > FIRST_POLL {
            self.listener = self.place.keeper.listen(&*self.store, &self.place.key);
        }
        let poll = match &self.listener {
            Some(listener) if listener.hears() => HEARING_POLL,
            _ => {
                let longer = (self.poll * 2).min(LONGEST_POLL);
                std::mem::replace(&mut self.poll, longer)
            }
        };
        // A lease ends at a known time, which one of the waiters should notice soon.
        let poll = jittered(poll).min(lease_left + jittered(FIRST_POLL)).min(left);
        let _ = tokio::time::timeout(poll, self.woken()).await;
        true
    }

    /// Waits until a claim may have ended. A listener that begins to hear is such a moment too: what ended before it was
    /// missed.
    async fn woken(&mut self) {
        let heard = async {
            match &mut self.listener {
                Some(listener) => listener.heard().await,
                None => pending().await,
            }
        };
        tokio::select! {
            // The sender is in the map for as long as there is a place.
            _ = self.ended.changed() => {}
            () = heard => {}
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        // After a fork the locks are the parent's, and whoever had one is not here to give it back.
        if self.keeper.is_of_this_process() {
            self.keeper.waiters().leave(&self.key);
        }
    }
}

/// Between three quarters and five quarters of `pause`, so that waiters do not ask in step.
fn jittered(pause: Duration) -> Duration {
    pause.mul_f64(0.75 + 0.5 * rand::random::<f64>())
}
