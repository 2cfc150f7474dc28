//! Requests and outcomes that say nothing of their own.

use std::time::Duration;

use idem_core::{
    Abandoned, Admission, Claim, ClaimDecision, ClaimId, ClaimRequest, Codec, Fingerprint, IntoKey, Key, Outcome,
    OutcomeKind, Scope, Store,
};

pub(crate) const HOUR: Duration = Duration::from_hours(1);

pub(crate) fn key<K: IntoKey + ?Sized>(key: &K) -> Key {
    Key::new(Scope::from_static("payments.charge"), key).expect("a key")
}

pub(crate) fn request(key: &Key) -> ClaimRequest {
    ClaimRequest {
        key: key.clone(),
        claim_id: ClaimId::random(),
        fingerprint: Some(fingerprint(1)),
        lease: HOUR,
        retention: HOUR,
        abandoned: Abandoned::Rerun,
        max_attempts: None,
        admission: Admission::Open,
    }
}

pub(crate) fn fingerprint(number: u8) -> Fingerprint {
    Fingerprint::from_stored(1, [number; 32])
}

pub(crate) fn outcome(text: &str) -> Outcome {
    Outcome { kind: OutcomeKind::Value, codec: Codec::Json, version: 1, text: text.into() }
}

pub(crate) async fn acquire(store: &impl Store, request: &ClaimRequest) -> Claim {
    match store.claim(request).await {
        Ok(ClaimDecision::Acquired(claim)) => claim,
        other => panic!("{other:?}"),
    }
}

/// Claims a key and completes it.
pub(crate) async fn finish(store: &impl Store, key: &Key, text: &str) {
    let claim = acquire(store, &request(key)).await;
    store.complete(&claim, &outcome(text), HOUR).await.expect("the claim is held");
}

pub(crate) async fn ask(store: &impl Store, request: &ClaimRequest) -> ClaimDecision {
    store.claim(request).await.expect("the store answers")
}
