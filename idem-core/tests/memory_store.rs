//! The memory store: what it does when it is full, what a purge leaves, and that it answers as the decision does.

use std::time::Duration;

use idem_core::{
    Abandoned, Admission, Claim, ClaimDecision, ClaimId, ClaimRequest, Codec, Fence, IssueDecision, Key, MemoryStore,
    Outcome, OutcomeKind, Scope, State, Store,
};

const DAY: Duration = Duration::from_hours(24);

fn key(number: usize) -> Key {
    Key::new(Scope::from_static("tests.memory_store"), &number).expect("a key")
}

/// A claim that stays live for a day.
fn live(number: usize) -> ClaimRequest {
    ClaimRequest {
        key: key(number),
        claim_id: ClaimId::random(),
        fingerprint: None,
        lease: DAY,
        retention: DAY,
        abandoned: Abandoned::Rerun,
        max_attempts: None,
        admission: Admission::Open,
    }
}

/// A claim that lapses at once.
fn lapsed(number: usize) -> ClaimRequest {
    ClaimRequest { lease: Duration::ZERO, ..live(number) }
}

/// A claim that lapses and expires at once, unless it refuses.
fn expired(number: usize) -> ClaimRequest {
    ClaimRequest { retention: Duration::ZERO, ..lapsed(number) }
}

fn refusing(request: ClaimRequest) -> ClaimRequest {
    ClaimRequest { abandoned: Abandoned::Refuse, ..request }
}

fn outcome() -> Outcome {
    Outcome { kind: OutcomeKind::Value, codec: Codec::Json, version: 1, text: "17".into() }
}

async fn claim(store: &MemoryStore, request: ClaimRequest) -> Claim {
    match store.claim(&request).await.expect("the store has room") {
        ClaimDecision::Acquired(claim) => claim,
        other => panic!("acquired was expected: {other:?}"),
    }
}

async fn complete(store: &MemoryStore, number: usize) -> Fence {
    let claim = claim(store, live(number)).await;
    store.complete(&claim, &outcome(), DAY).await.expect("the holder completes");
    claim.fence
}

async fn issue(store: &MemoryStore, number: usize, lifetime: Duration) -> IssueDecision {
    store.issue(&key(number), lifetime).await.expect("the store has room")
}

async fn is_there(store: &MemoryStore, number: usize) -> bool {
    store.lookup(&key(number)).await.expect("a lookup").is_some()
}

async fn is_refused(store: &MemoryStore, number: usize) -> bool {
    store.claim(&live(number)).await.is_err_and(|error| error.is_retryable())
}

#[tokio::test]
async fn memory_store_bounded_evicts_only_completed() {
    let store = MemoryStore::with_capacity(20);
    for number in 0..10 {
        claim(&store, live(number)).await;
        complete(&store, 100 + number).await;
    }
    for number in 200..300 {
        complete(&store, number).await;
        assert!(store.len() <= 20);
    }
    for number in 0..10 {
        let found = store.lookup(&key(number)).await.expect("a lookup").expect("a live claim is never evicted");
        assert!(matches!(found.record.state, State::Running { .. }));
    }
    assert!(!is_there(&store, 100).await, "the oldest outcome is evicted");
    assert!(is_there(&store, 299).await, "the newest outcome is kept");
}

#[tokio::test]
async fn the_oldest_outcomes_are_evicted_first() {
    let store = MemoryStore::with_capacity(20);
    for number in 0..21 {
        complete(&store, number).await;
        // Outcomes of one microsecond have no order.
        std::thread::sleep(Duration::from_micros(2));
    }
    let evicted: Vec<_> = absent(&store, 0..21).await;
    assert_eq!(evicted, [0, 1]);
}

/// The numbers of the keys that are not there.
async fn absent(store: &MemoryStore, numbers: std::ops::Range<usize>) -> Vec<usize> {
    let mut absent = Vec::new();
    for number in numbers {
        if !is_there(store, number).await {
            absent.push(number);
        }
    }
    absent
}

#[tokio::test]
async fn an_expired_record_is_evicted_before_an_outcome() {
    let store = MemoryStore::with_capacity(3);
    complete(&store, 0).await;
    claim(&store, expired(1)).await;
    complete(&store, 2).await;
    complete(&store, 3).await;
    assert!(is_there(&store, 0).await && !is_there(&store, 1).await);
}

#[tokio::test]
async fn a_full_store_of_live_claims_refuses_a_new_key() {
    let store = MemoryStore::with_capacity(2);
    let first = claim(&store, live(0)).await;
    claim(&store, lapsed(1)).await;
    assert!(is_refused(&store, 2).await);
    assert!(!is_there(&store, 2).await);
    // The keys that it has are served all the same.
    assert_eq!(claim(&store, live(1)).await.attempt, 2);
    store.complete(&first, &outcome(), DAY).await.expect("the holder completes");
    claim(&store, live(2)).await;
    assert_eq!(store.len(), 2);
}

#[tokio::test]
async fn unused_tokens_are_not_evicted_and_fill_the_store() {
    let store = MemoryStore::with_capacity(4);
    for number in 0..4 {
        assert_eq!(issue(&store, number, DAY).await, IssueDecision::Issued);
    }
    assert!(store.issue(&key(4), DAY).await.is_err_and(|error| error.is_retryable()));
    assert!(is_refused(&store, 5).await);
    assert_eq!(issue(&store, 0, Duration::ZERO).await, IssueDecision::Taken);
    assert_eq!(store.len(), 4);
}

#[tokio::test]
async fn a_token_makes_room_by_what_has_expired() {
    let store = MemoryStore::with_capacity(2);
    for number in 0..3 {
        assert_eq!(issue(&store, number, Duration::ZERO).await, IssueDecision::Issued);
    }
    assert!(store.len() <= 2 && is_there(&store, 2).await);
}

#[tokio::test]
async fn a_lapsed_claim_that_refuses_is_neither_evicted_nor_purged() {
    let store = MemoryStore::with_capacity(2);
    for number in 0..2 {
        claim(&store, refusing(expired(number))).await;
    }
    assert_eq!(store.purge_expired(u32::MAX).await.expect("a purge"), 0);
    assert!(is_refused(&store, 2).await);
    let answer = store.claim(&refusing(live(0))).await.expect("the key is there");
    assert_eq!(answer, ClaimDecision::Abandoned);
}

#[tokio::test]
async fn a_purge_removes_expired_records_up_to_its_limit() {
    let store = MemoryStore::new();
    for number in 0..5 {
        claim(&store, expired(number)).await;
    }
    claim(&store, live(10)).await;
    claim(&store, lapsed(11)).await;
    complete(&store, 12).await;
    assert_eq!(store.purge_expired(0).await.expect("a purge"), 0);
    assert_eq!(store.purge_expired(2).await.expect("a purge"), 2);
    assert_eq!(store.len(), 6);
    assert_eq!(store.purge_expired(u32::MAX).await.expect("a purge"), 3);
    assert_eq!(store.purge_expired(u32::MAX).await.expect("a purge"), 0);
    assert_eq!(absent(&store, 10..13).await, [0; 0]);
}

#[tokio::test]
async fn the_fence_grows_across_a_purge() {
    let store = MemoryStore::new();
    let mut last = Fence::from_number(0);
    for _ in 0..20_000 {
        let fence = claim(&store, expired(1)).await.fence;
        assert!(fence > last, "{fence} came after {last}");
        last = fence;
        assert_eq!(store.purge_expired(1).await.expect("a purge"), 1);
    }
}

#[tokio::test]
async fn the_fence_grows_across_an_eviction() {
    let store = MemoryStore::with_capacity(1);
    let mut last = [Fence::from_number(0); 2];
    for turn in 0..20_000 {
        let fence = complete(&store, turn % 2).await;
        assert!(!is_there(&store, (turn + 1) % 2).await, "the other key was evicted");
        assert!(fence > last[turn % 2], "{fence} came after {}", last[turn % 2]);
        last[turn % 2] = fence;
    }
}

#[tokio::test]
async fn clones_share_their_records() {
    let store = MemoryStore::new();
    let clone = store.clone();
    complete(&store, 1).await;
    assert!(is_there(&clone, 1).await && clone.len() == 1 && !clone.is_empty());
}

#[cfg(feature = "contract")]
mod histories {
    use std::sync::Arc;

    use idem_core::{MemoryStore, Store, contract};
    use proptest::prelude::*;

    proptest! {
        #![proptest_config(ProptestConfig { cases: 16, failure_persistence: None, max_shrink_iters: 0, ..ProptestConfig::default() })]

        #[test]
        fn random_histories_are_answered_as_the_decision_says(seed in any::<u64>()) {
            let store = MemoryStore::new();
            let stores = [store.clone(), store].map(|store| Arc::new(store) as Arc<dyn Store>);
            let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a runtime");
            runtime.block_on(contract::random_history(&stores, seed, 400));
        }
    }
}

#[tokio::test]
async fn what_waits_for_an_operator_is_listed() {
    idem_core::contract::what_waits_for_an_operator_is_listed(&MemoryStore::new()).await;
}
