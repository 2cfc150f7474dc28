//! A store in which some records have expired.
#![allow(dead_code, reason = "each test file uses some of it")]

use std::sync::Arc;
use std::time::Duration;

use idem_core::contract::Faulty;
use idem_core::{
    Abandoned, Admission, ClaimDecision, ClaimId, ClaimRequest, Codec, Key, MemoryStore, Outcome, OutcomeKind, Scope,
    Store,
};

pub(crate) const HOUR: Duration = Duration::from_hours(1);

/// A store that counts its calls, with as many records that have expired, and one that has not.
pub(crate) async fn store(expired: u32) -> (Arc<Faulty>, MemoryStore) {
    let memory = MemoryStore::new();
    for number in 0..expired {
        finish(&memory, number, Duration::ZERO).await;
    }
    finish(&memory, expired, HOUR).await;
    (Faulty::new(Arc::new(memory.clone())), memory)
}

pub(crate) async fn finish(store: &MemoryStore, key: u32, retention: Duration) {
    let request = ClaimRequest {
        key: Key::new(Scope::from_static("sweeper"), &key).expect("a key"),
        claim_id: ClaimId::random(),
        fingerprint: None,
        lease: HOUR,
        retention: HOUR,
        abandoned: Abandoned::Rerun,
        max_attempts: None,
        admission: Admission::Open,
    };
    let Ok(ClaimDecision::Acquired(claim)) = store.claim(&request).await else { panic!("the key is free") };
    let outcome = Outcome { kind: OutcomeKind::Value, codec: Codec::Json, version: 1, text: "1".into() };
    store.complete(&claim, &outcome, retention).await.expect("the claim is held");
}
