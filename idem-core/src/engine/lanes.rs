//! How many claims the background ends at a time at one store.
//!
//! A store has so many connections, and its database so much time. Whoever holds a claim must not wait behind what others have
//! left to the background, in any number. Renewals do not wait here at all, outcomes before releases: a release that comes late
//! costs its key a lease; under `refuse` the key looks abandoned until the release is written. An outcome that comes late lets its body
//! run again.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use tokio::sync::{Semaphore, SemaphorePermit};

use crate::Store;

use super::settle::Ending;

/// How many outcomes, marks and abandoned claims are written at a time.
const ENDS: usize = 32;
/// How many claims are released at a time.
const RELEASES: usize = 4;

/// Where a store is. Two handles to one store are two pointers to one place.
pub(super) fn place_of(store: &Arc<dyn Store>) -> usize {
    Arc::as_ptr(store).cast::<()>().addr()
}

/// The lanes of all stores at which something is to be written.
#[derive(Default)]
pub(super) struct Lanes(Mutex<HashMap<usize, Weak<Lane>>>);

impl Lanes {
    /// The lane of a store, which is to live for as long as whoever has it has the store.
    pub(super) fn of(&self, store: &Arc<dyn Store>) -> Arc<Lane> {
        // Nothing panics under this lock, so a poisoned one protects nothing.
        let mut lanes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let place = place_of(store);
        if let Some(lane) = lanes.get(&place).and_then(Weak::upgrade) {
            return lane;
        }
        lanes.retain(|_, lane| lane.strong_count() > 0);
        let lane = Arc::new(Lane { ends: Semaphore::new(ENDS), releases: Semaphore::new(RELEASES) });
        lanes.insert(place, Arc::downgrade(&lane));
        lane
    }
}

/// The writes that are on their way to one store from the background.
pub(super) struct Lane {
    ends: Semaphore,
    releases: Semaphore,
}

impl Lane {
    /// Waits for a turn to write this, which is over when what is returned is dropped.
    pub(super) async fn turn(&self, ending: &Ending) -> Option<SemaphorePermit<'_>> {
        let turns = match ending {
            Ending::Complete(..) | Ending::Abandon => &self.ends,
            Ending::Release => &self.releases,
        };
        // They are never closed.
        turns.acquire().await.ok()
    }
}
