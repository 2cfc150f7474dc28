//! Claims whose callers have given up, and that may have landed all the same, or are still on their way.
//!
//! Their bodies did not run, so one that lands is released. Callers can leave any number of them, and holders must not wait
//! behind these: a store is asked about one key at a time, by reading, however many claims of it there are. Only a claim that has
//! landed is written. What there is no room for is left to lapse, which costs its key a lease.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::{Claim, ClaimId, ClaimRequest, Fence, Key, Origin, State, Store};

use super::drain::Counted;
use super::keeper::Keeper;
use super::lanes::place_of;
use super::report;
use super::settle::within;

/// When a claim is looked for, from when it was left. Not for longer: in an outage each call leaves one.
const LOOKS: [Duration; 5] = [
    Duration::ZERO,
    Duration::from_millis(10),
    Duration::from_millis(60),
    Duration::from_millis(310),
    Duration::from_millis(2_310),
];
/// From the end of one round to the next.
const PAUSE: Duration = Duration::from_millis(10);
/// How long one answer may take.
const PATIENCE: Duration = Duration::from_secs(30);
/// How many are looked for at most, at all stores together.
const MOST: usize = 16_384;

/// The claims of a process that may land.
#[derive(Default)]
pub(super) struct Landings {
    left: Mutex<Left>,
    /// It was told that there is no room, and there was none since.
    is_full: AtomicBool,
}

#[derive(Default)]
struct Left {
    /// By the place of their store. A store that is here is being looked at.
    stores: HashMap<usize, HashMap<Key, Vec<Landing>>>,
    count: usize,
}

struct Landing {
    claim_id: ClaimId,
    since: Instant,
    /// How many of [`LOOKS`] are over.
    looks: usize,
    /// A process that comes to its end waits for it.
    _counted: Counted,
}

impl Landings {
    /// Adds the claim of a request, and says whether somebody must begin to [look](Self::look) at its store.
    #[must_use]
    pub(super) fn enter(&self, store: &Arc<dyn Store>, request: &ClaimRequest, counted: Counted) -> bool {
        let mut left = self.left();
        if left.count >= MOST {
            drop(left);
            if !self.is_full.swap(true, Ordering::Relaxed) {
                report::not_looked_for(&request.key);
            }
            return false;
        }
        left.count += 1;
        let place = place_of(store);
        let is_first = !left.stores.contains_key(&place);
        let landing = Landing { claim_id: request.claim_id, since: Instant::now(), looks: 0, _counted: counted };
        left.stores.entry(place).or_default().entry(request.key.clone()).or_default().push(landing);
        is_first
    }

    /// Looks for the claims of a store, round by round, until none is left.
    pub(super) async fn look(&self, keeper: &Keeper, store: Arc<dyn Store>) {
        let place = place_of(&store);
        while let Some(due) = self.take_due(place, Instant::now()) {
            for key in due {
                // A store that does not answer one question is not asked the others of the round.
                if !self.look_at(keeper, &store, key).await {
                    break;
                }
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    /// The keys to look at now, whose looks are counted as over; nothing once there is none to wait for.
    fn take_due(&self, place: usize, now: Instant) -> Option<Vec<Key>> {
        let mut left = self.left();
        let Left { stores, count } = &mut *left;
        let keys = stores.get_mut(&place)?;
        let mut due = Vec::new();
        keys.retain(|key, landings| {
            let before = landings.len();
            landings.retain(|landing| landing.looks < LOOKS.len());
            *count -= before - landings.len();
            let mut is_due = false;
            for landing in landings.iter_mut() {
                let since = now.saturating_duration_since(landing.since);
                let over = LOOKS.iter().take_while(|look| **look <= since).count();
                is_due |= over > std::mem::replace(&mut landing.looks, over);
            }
            if is_due {
                due.push(key.clone());
            }
            !landings.is_empty()
        });
        if keys.is_empty() {
            stores.remove(&place);
            self.is_full.store(false, Ordering::Relaxed);
            return None;
        }
        Some(due)
    }

    /// Releases the claim of a key if it is one of these; `false` if the store does not answer.
    async fn look_at(&self, keeper: &Keeper, store: &Arc<dyn Store>, key: Key) -> bool {
        let found = match within(PATIENCE, store.lookup(&key)).await {
            None => return false,
            Some(Err(error)) => return !error.is_retryable(),
            Some(Ok(found)) => found,
        };
        let landed =
            found.map(|observed| observed.record).filter(|record| matches!(record.state, State::Running { .. }));
        let Some(claim_id) = landed.and_then(|record| record.claim_id) else { return true };
        if !self.is_left(place_of(store), &key, claim_id) {
            return true;
        }
        let claim = Claim { key, claim_id, fence: Fence::from_number(0), attempt: 0, origin: Origin::Free };
        match within(PATIENCE, store.release(&claim)).await {
            None => return false,
            Some(Err(error)) if error.is_retryable() => return false,
            Some(Err(error)) if error.is_claim_lost() => {}
            Some(Err(error)) => report::not_released(&claim, &error),
            Some(Ok(())) => keeper.waiters().wake(&claim.key),
        }
        self.forget(place_of(store), &claim);
        true
    }

    fn is_left(&self, place: usize, key: &Key, claim_id: ClaimId) -> bool {
        let left = self.left();
        let landings = left.stores.get(&place).and_then(|keys| keys.get(key));
        landings.is_some_and(|landings| landings.iter().any(|landing| landing.claim_id == claim_id))
    }

    fn forget(&self, place: usize, claim: &Claim) {
        let mut left = self.left();
        let Left { stores, count } = &mut *left;
        if let Some(landings) = stores.get_mut(&place).and_then(|keys| keys.get_mut(&claim.key)) {
            let before = landings.len();
            landings.retain(|landing| landing.claim_id != claim.claim_id);
            *count -= before - landings.len();
        }
    }

    /// Nothing panics under this lock, so a poisoned one protects nothing.
    fn left(&self) -> MutexGuard<'_, Left> {
        self.left.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::super::drain::Drain;
    use super::*;
    use crate::{Abandoned, Admission, AsStore as _, MemoryStore, Scope};

    fn request(number: usize) -> ClaimRequest {
        ClaimRequest {
            key: Key::new(Scope::from_static("landings"), &number).expect("a key"),
            claim_id: ClaimId::random(),
            fingerprint: None,
            lease: Duration::from_secs(30),
            retention: Duration::from_secs(30),
            abandoned: Abandoned::Rerun,
            max_attempts: None,
            admission: Admission::Open,
        }
    }

    #[test]
    fn there_is_room_for_so_many_claims_and_all_of_a_key_are_looked_for_at_once() {
        const KEYS: usize = 100;

        let drain: &'static Drain = Box::leak(Box::default());
        let (landings, store) = (Landings::default(), MemoryStore::new().as_store());
        let began =
            (0..=MOST).filter(|number| landings.enter(&store, &request(number % KEYS), drain.lapsing())).count();
        assert_eq!((began, landings.left().count), (1, MOST));
        for look in [LOOKS[0], LOOKS[LOOKS.len() - 1]] {
            let due = landings.take_due(place_of(&store), Instant::now() + look);
            assert_eq!(due.map(|keys| keys.len()), Some(KEYS));
        }
        assert_eq!(landings.take_due(place_of(&store), Instant::now()), None);
        assert_eq!(landings.left().count, 0);
        assert!(landings.enter(&store, &request(0), drain.lapsing()), "somebody begins to look again");
    }
}
