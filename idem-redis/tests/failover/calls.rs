//! Stores on these servers, and calls of them.

use std::time::Duration;

use idem_core::{
    Abandoned, Admission, Claim, ClaimDecision, ClaimId, ClaimRequest, Codec, Key, Outcome, OutcomeKind, Scope, Store,
    StoreError,
};
use idem_redis::RedisStore;

/// No failover takes this long: no claim lapses here.
const LEASE: Duration = Duration::from_mins(10);
const RETENTION: Duration = Duration::from_hours(1);

pub(crate) async fn connect(url: &str) -> RedisStore {
    RedisStore::connect(url).await.expect("the server answers")
}

/// What an error says with all that it is caused by.
pub(crate) fn told(error: &StoreError) -> String {
    let causes = std::iter::successors(Some(error as &dyn std::error::Error), |error| error.source());
    causes.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}

/// What somebody who has never called before is answered.
pub(crate) async fn claim(store: &RedisStore, number: u32) -> Result<ClaimDecision, StoreError> {
    let request = ClaimRequest {
        key: Key::new(Scope::from_static("failover.charge"), &number).expect("a number is a key"),
        claim_id: ClaimId::random(),
        fingerprint: None,
        lease: LEASE,
        retention: RETENTION,
        abandoned: Abandoned::Rerun,
        max_attempts: None,
        admission: Admission::Open,
    };
    store.claim(&request).await
}

/// The claim of a decision that must be one.
pub(crate) fn acquired(decision: Result<ClaimDecision, StoreError>) -> Claim {
    match decision {
        Ok(ClaimDecision::Acquired(claim)) => claim,
        other => panic!("not acquired: {other:?}"),
    }
}

pub(crate) async fn complete(store: &RedisStore, claim: &Claim) -> Result<(), StoreError> {
    store.complete(claim, &outcome(), RETENTION).await
}

pub(crate) fn outcome() -> Outcome {
    Outcome { kind: OutcomeKind::Value, codec: Codec::Json, version: 1, text: "\"charged\"".into() }
}
