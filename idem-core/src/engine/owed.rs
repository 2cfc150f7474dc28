//! What this process owes its stores: the ends of claims whose bodies have returned.
//!
//! A store that refuses their end may refuse their renewals as well, and then their leases run out. When it accepts writes
//! again, the end that is tried from time to time races with new calls of the same key, and a takeover would run the body
//! again. Nobody takes such a claim over by way of the same store in the same process.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::decision::decide_claim;
use crate::{Claim, ClaimDecision, ClaimId, ClaimRequest, Key, Store, StoreError};

use super::keeper::Keeper;
use super::lanes::place_of;

/// Whoever waits for an end that is tried again is woken by it, and looks again after this long.
const A_MOMENT: Duration = Duration::from_millis(100);

/// What there are ends to store for: a key, and the place of its store, which the lease of the claim keeps there.
type Place = (usize, Key);

/// The claims of a process whose ends are owed.
#[derive(Default)]
pub(super) struct Owed {
    /// How many there are, so that a claim need not look when there are none.
    count: AtomicUsize,
    /// A claim that was lost to another process may be owed beside the one that came after it.
    claims: Mutex<HashMap<Place, Vec<ClaimId>>>,
}

impl Owed {
    /// What a request is answered whose key is held by such a claim. The store says whether it still is.
    pub(super) async fn answer(
        &self,
        store: &Arc<dyn Store>,
        request: &ClaimRequest,
    ) -> Result<Option<ClaimDecision>, StoreError> {
        if self.count.load(Ordering::SeqCst) == 0 {
            return Ok(None);
        }
        let place = (place_of(store), request.key.clone());
        if !self.has(&place, |_| true) {
            return Ok(None);
        }
        let Some(observed) = store.lookup(&request.key).await? else { return Ok(None) };
        let Some(held) = observed.record.claim_id else { return Ok(None) };
        if !self.has(&place, |claim_id| *claim_id == held) {
            return Ok(None);
        }
        Ok(Some(match decide_claim(Some(&observed.record), observed.now, request) {
            ClaimDecision::Acquired(_) => ClaimDecision::InProgress { lease_left: A_MOMENT },
            decision => decision,
        }))
    }

    fn has(&self, place: &Place, is_it: impl FnMut(&ClaimId) -> bool) -> bool {
        self.claims().get(place).is_some_and(|claims| claims.iter().any(is_it))
    }

    fn settle(&self, place: Place, claim_id: ClaimId) {
        self.count.fetch_sub(1, Ordering::SeqCst);
        let mut claims = self.claims();
        if let Entry::Occupied(mut of_key) = claims.entry(place) {
            of_key.get_mut().retain(|owed| *owed != claim_id);
            if of_key.get().is_empty() {
                of_key.remove();
            }
        }
    }

    /// Nothing panics under this lock, so a poisoned one protects nothing.
    fn claims(&self) -> MutexGuard<'_, HashMap<Place, Vec<ClaimId>>> {
        self.claims.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The end of a claim, which is owed until this is dropped.
pub(super) struct OwedEnd {
    keeper: &'static Keeper,
    place: Place,
    claim_id: ClaimId,
}

impl OwedEnd {
    pub(super) fn of(keeper: &'static Keeper, claim: &Claim, store: &Arc<dyn Store>) -> Self {
        let (place, claim_id) = ((place_of(store), claim.key.clone()), claim.claim_id);
        keeper.owed().claims().entry(place.clone()).or_default().push(claim_id);
        keeper.owed().count.fetch_add(1, Ordering::SeqCst);
        Self { keeper, place, claim_id }
    }
}

impl Drop for OwedEnd {
    fn drop(&mut self) {
        // After a fork the lock is the parent's, and whoever had it is not here to give it back.
        if self.keeper.is_of_this_process() {
            self.keeper.owed().settle(self.place.clone(), self.claim_id);
        }
    }
}
