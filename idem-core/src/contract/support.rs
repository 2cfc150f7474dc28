//! What the cases are made of.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};
use tokio::sync::Barrier;
use tokio::task::JoinSet;

use crate::decision::is_expired;
use crate::{
    Abandoned, Admission, AsStore, Claim, ClaimDecision, ClaimId, ClaimRequest, Codec, Error, Fingerprint, IntoKey,
    Key, Operation, Origin, Outcome, OutcomeKind, Record, Scope, State, Store, Timestamp,
};

use super::{Backend, Faulty};

/// A lease that does not run out during a case, however slow the machine is.
pub(super) const LONG: Duration = Duration::from_mins(1);
/// A lease that a case lets run out.
pub(super) const SHORT: Duration = Duration::from_millis(50);
/// A lease that a case keeps alive, and waits for three of them. It runs out if a renewal comes two thirds of it late, or half
/// of it where renewals fail: a machine whose cores and disk are busy with other things takes half a second at times.
pub(super) const RENEWED: Duration = Duration::from_secs(2);
/// A lease that a case does not let a call renew.
pub(super) const UNRENEWED: Duration = Duration::from_millis(300);
pub(super) const HOUR: Duration = Duration::from_hours(1);
/// How many callers race.
pub(super) const RACERS: usize = 32;
pub(super) const SCOPE: &str = "contract";

/// An operation as most cases need it.
pub(super) fn operation<K: IntoKey + ?Sized>(key: &K) -> Operation {
    Operation::new(SCOPE, key).lease(LONG).retain(HOUR)
}

/// The key of [`operation`].
pub(super) fn key<K: IntoKey + ?Sized>(key: &K) -> Key {
    Key::new(Scope::from_static(SCOPE), key).expect("the cases' keys are keys")
}

/// A request for the claim that [`operation`] asks for, under a new claim id.
pub(super) fn request<K: IntoKey + ?Sized>(name: &K) -> ClaimRequest {
    ClaimRequest {
        key: key(name),
        claim_id: ClaimId::random(),
        fingerprint: None,
        lease: LONG,
        retention: HOUR,
        abandoned: Abandoned::Rerun,
        max_attempts: None,
        admission: Admission::Open,
    }
}

/// The same request by another caller.
pub(super) fn by_another(request: &ClaimRequest) -> ClaimRequest {
    ClaimRequest { claim_id: ClaimId::random(), ..request.clone() }
}

pub(super) fn fingerprint(payload: u32) -> Fingerprint {
    Fingerprint::of(&payload).expect("a number has a fingerprint")
}

/// The outcome of a body that returned this JSON.
pub(super) fn outcome(text: &str) -> Outcome {
    Outcome { kind: OutcomeKind::Value, codec: Codec::Json, version: 1, text: text.into() }
}

/// Two stores that share nothing but the backend.
pub(super) async fn two(backend: &dyn Backend) -> [Arc<dyn Store>; 2] {
    [backend.store().await, backend.store().await]
}

pub(super) async fn faulty(backend: &dyn Backend) -> Arc<Faulty> {
    Faulty::new(backend.store().await)
}

pub(super) async fn ask(store: &impl AsStore, request: &ClaimRequest) -> ClaimDecision {
    store.as_store().claim(request).await.expect("the store answers")
}

#[track_caller]
pub(super) fn acquired(decision: ClaimDecision) -> Claim {
    match decision {
        ClaimDecision::Acquired(claim) => claim,
        other => panic!("the claim was not acquired: {other:?}"),
    }
}

pub(super) async fn acquire(store: &impl AsStore, request: &ClaimRequest) -> Claim {
    acquired(ask(store, request).await)
}

/// Acquires under a lease that runs out, and lets it.
pub(super) async fn acquire_and_lapse(store: &impl AsStore, request: &ClaimRequest) -> Claim {
    let claim = acquire(store, &ClaimRequest { lease: SHORT, ..request.clone() }).await;
    lapse(store, &request.key).await;
    claim
}

pub(super) async fn found(store: &impl AsStore, key: &Key) -> Option<Record> {
    store.as_store().lookup(key).await.expect("the store answers").map(|observed| observed.record)
}

pub(super) async fn record<K: IntoKey + ?Sized>(store: &impl AsStore, name: &K) -> Record {
    found(store, &key(name)).await.expect("the key has a record")
}

/// The store's clock. A key that is there shows it.
pub(super) async fn clock(store: &impl AsStore, key: &Key) -> Timestamp {
    store.as_store().lookup(key).await.expect("the store answers").expect("the key has a record").now
}

/// Lets the lease of a claim run out soon, in the name of its holder: so that a case can look at the claim while it is live,
/// however slow the machine is.
pub(super) async fn shorten_lease(store: &Arc<dyn Store>, name: &str) {
    let held = record(store, name).await;
    let claim_id = held.claim_id.expect("it is claimed");
    let claim = Claim { key: held.key, claim_id, fence: held.fence, attempt: held.attempts, origin: Origin::Free };
    store.extend(&claim, SHORT).await.expect("it is the holder's claim");
}

/// Waits until the lease of a claim has run out on the store's clock.
pub(super) async fn lapse(store: &impl AsStore, key: &Key) {
    wait_until(store, key, |record, now| match record.state {
        State::Running { lease_until, .. } => lease_until.since(now),
        _ => panic!("{} is no claim, so it cannot lapse", record.state.name()),
    })
    .await;
}

/// Waits until a record has expired on the store's clock.
pub(super) async fn expire(store: &impl AsStore, key: &Key) {
    wait_until(store, key, |record, now| {
        if is_expired(record, now) {
            Duration::ZERO
        } else {
            record.expires_at.since(now).max(Duration::from_millis(1))
        }
    })
    .await;
}

/// Waits for as long as `left` says, looking again after each time. A backend that removes what has expired by itself may
/// have removed the record meanwhile.
async fn wait_until(store: &impl AsStore, key: &Key, left: impl Fn(&Record, Timestamp) -> Duration) {
    let store = store.as_store();
    while let Some(observed) = store.lookup(key).await.expect("the store answers") {
        match left(&observed.record, observed.now) {
            Duration::ZERO => return,
            left => tokio::time::sleep(left).await,
        }
    }
}

/// Waits for what a background task does.
pub(super) async fn eventually(what: &str, condition: impl AsyncFn() -> bool) {
    let started = Instant::now();
    while !condition().await {
        assert!(started.elapsed() < Duration::from_mins(1), "it did not happen: {what}");
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
}

/// Waits until the record of a key is in the state of this name.
pub(super) async fn becomes<K: IntoKey + ?Sized>(store: &impl AsStore, name: &K, state: &str) {
    eventually(state, async || found(store, &key(name)).await.is_some_and(|record| record.state.name() == state)).await;
}

/// Starts [`RACERS`] calls at the same moment, taking turns between the stores, and collects what they return.
pub(super) async fn race<Call>(
    stores: &[Arc<dyn Store>],
    call: impl Fn(usize, Arc<dyn Store>) -> Call,
) -> Vec<Call::Output>
where
    Call: Future<Output: Send + 'static> + Send + 'static,
{
    let start = Arc::new(Barrier::new(RACERS));
    let mut calls = JoinSet::new();
    for (number, store) in stores.iter().cycle().take(RACERS).enumerate() {
        let (call, start) = (call(number, Arc::clone(store)), Arc::clone(&start));
        calls.spawn(async move {
            start.wait().await;
            call.await
        });
    }
    calls.join_all().await
}

/// How often a body ran.
#[derive(Debug, Clone, Default)]
pub(super) struct Executions(Arc<AtomicUsize>);

impl Executions {
    pub(super) fn add(&self) -> usize {
        self.0.fetch_add(1, Ordering::SeqCst) + 1
    }

    pub(super) fn count(&self) -> usize {
        self.0.load(Ordering::SeqCst)
    }
}

/// The error of a body, which can be kept.
#[derive(Debug, Serialize, Deserialize)]
pub(super) enum Failure {
    Declined {
        code: u16,
    },
    Busy,
    #[serde(skip)]
    Idem(Error),
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Idem(error)
    }
}
