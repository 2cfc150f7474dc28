//! Claims of this process whose bodies have returned, and whose ends are not stored yet.
//!
//! A store that refuses their end may refuse their renewals as well, and then their leases run out. When it accepts writes
//! again, the end that is tried from time to time races with new calls of the same key, and a takeover would run the body
//! again. Nobody takes such a claim over by way of the same store in the same process.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::decision::decide_claim;
use crate::{Claim, ClaimDecision, ClaimId, ClaimRequest, Key, Store, StoreError};

/// Whoever waits for an end that is tried again is woken by it, and looks again after this long.
const A_MOMENT: Duration = Duration::from_millis(100);

/// How many there are, so that a claim need not look when there are none.
static COUNT: AtomicUsize = AtomicUsize::new(0);
static CLAIMS: LazyLock<Mutex<HashMap<ClaimId, Owed>>> = LazyLock::new(Mutex::default);

/// What there is an end to store for.
#[derive(PartialEq, Eq)]
struct Owed {
    /// Where the store is, which the lease of the claim keeps there. Two handles to one store are two pointers to one place.
    store: usize,
    key: Key,
}

impl Owed {
    fn new(store: &Arc<dyn Store>, key: &Key) -> Self {
        Self { store: Arc::as_ptr(store).cast::<()>().addr(), key: key.clone() }
    }
}

/// Nothing panics under this lock, so a poisoned one protects nothing.
fn claims() -> MutexGuard<'static, HashMap<ClaimId, Owed>> {
    CLAIMS.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The end of a claim is not stored until this is dropped.
#[derive(Debug)]
pub(super) struct Unsettled(ClaimId);

impl Unsettled {
    pub(super) fn of(claim: &Claim, store: &Arc<dyn Store>) -> Self {
        claims().insert(claim.claim_id, Owed::new(store, &claim.key));
        COUNT.fetch_add(1, Ordering::SeqCst);
        Self(claim.claim_id)
    }
}

impl Drop for Unsettled {
    fn drop(&mut self) {
        COUNT.fetch_sub(1, Ordering::SeqCst);
        claims().remove(&self.0);
    }
}

/// What a request is answered whose key is held by such a claim. The store says whether it still is.
pub(super) async fn answer(
    store: &Arc<dyn Store>,
    request: &ClaimRequest,
) -> Result<Option<ClaimDecision>, StoreError> {
    if COUNT.load(Ordering::SeqCst) == 0 {
        return Ok(None);
    }
    let asked = Owed::new(store, &request.key);
    if !claims().values().any(|owed| *owed == asked) {
        return Ok(None);
    }
    let Some(observed) = store.lookup(&request.key).await? else { return Ok(None) };
    if !observed.record.claim_id.is_some_and(|claim_id| claims().contains_key(&claim_id)) {
        return Ok(None);
    }
    Ok(Some(match decide_claim(Some(&observed.record), observed.now, request) {
        ClaimDecision::Acquired(_) => ClaimDecision::InProgress { lease_left: A_MOMENT },
        decision => decision,
    }))
}
