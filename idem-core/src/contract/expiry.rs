//! An outcome is kept for its retention, counted from its completion on the store's clock.

use std::sync::Arc;
use std::time::Duration;

use crate::{Answer, ClaimDecision, ClaimRequest, Error, InFlight, Operation, Origin, State, Store};

use super::support::{
    Executions, HOUR, LONG, SHORT, acquire, acquired, ask, by_another, eventually, expire, faulty, key, operation,
    outcome, record, request, two,
};
use super::{Backend, Method};

/// After its retention an outcome is not replayed: the body runs again, as a first attempt, with a new end.
pub async fn completed_expired_reexecutes(backend: &dyn Backend) {
    let [first, second] = two(backend).await;
    let call = async |store: &Arc<dyn Store>, retention| {
        let body =
            async |execution: crate::Execution| Ok::<_, Error>((execution.attempt(), execution.fence().number()));
        operation("order").retain(retention).run(store, body).await.expect("there is an outcome")
    };
    let earlier = call(&first, SHORT).await.into_inner();
    let kept = record(&first, "order").await;
    expire(&second, &key("order")).await;
    let Answer::Executed(later) = call(&second, HOUR).await else { panic!("the outcome has expired") };
    assert_eq!((earlier.0, later.0), (1, 1));
    assert!(later.1 > earlier.1);
    let anew = record(&first, "order").await;
    assert!(anew.created_at >= kept.expires_at && anew.expires_at == anew.updated_at + HOUR, "{anew:?}");
    assert_eq!(call(&first, HOUR).await, Answer::Replayed(later));
}

/// An expired record counts as absent on every path, though nobody has purged it.
pub async fn expiry_checked_by_predicate_not_by_purge(backend: &dyn Backend) {
    let [first, second] = two(backend).await;
    for name in ["completed", "released", "lapsed"] {
        let request = ClaimRequest { lease: SHORT, retention: SHORT, max_attempts: 1.try_into().ok(), ..request(name) };
        let claim = acquire(&first, &request).await;
        match name {
            "completed" => first.complete(&claim, &outcome("42"), SHORT).await.expect("the holder completes"),
            "released" => first.release(&claim).await.expect("the holder releases"),
            _ => {}
        }
        expire(&second, &request.key).await;
        let anew = acquire(&second, &by_another(&request)).await;
        assert_eq!((anew.attempt, anew.origin), (1, Origin::Free), "{name}");
        assert!(anew.fence > claim.fence, "{name}");
    }
}

/// The retention of a claim is that of its outcome from when it is completed, not from when it was claimed.
pub async fn expiry_counts_from_completion(backend: &dyn Backend) {
    let store = backend.store().await;
    let request = ClaimRequest { retention: SHORT, ..request("order") };
    let claim = acquire(&store, &request).await;
    let running = record(&store, "order").await;
    assert_eq!(running.expires_at, running.updated_at + LONG + SHORT);
    tokio::time::sleep(SHORT).await;
    store.complete(&claim, &outcome("42"), HOUR).await.expect("the holder completes");
    let completed = record(&store, "order").await;
    // A millisecond of grace for a backend whose clock has no more digits.
    assert!(completed.updated_at + Duration::from_millis(1) >= running.updated_at + SHORT);
    assert_eq!((completed.expires_at, completed.created_at), (completed.updated_at + HOUR, running.created_at));
}

/// The end of a claim moves with its lease, so that one which is kept alive is not forgotten while it runs.
pub async fn extending_moves_the_end_of_the_record(backend: &dyn Backend) {
    let store = backend.store().await;
    let claim = acquire(&store, &ClaimRequest { lease: SHORT, retention: SHORT, ..request("order") }).await;
    store.extend(&claim, LONG).await.expect("the holder extends");
    let extended = record(&store, "order").await;
    let State::Running { lease_until, .. } = extended.state else { panic!("it is claimed") };
    assert_eq!((lease_until, extended.expires_at), (extended.updated_at + LONG, lease_until + SHORT));
    let other = ask(&store, &request("order")).await;
    assert!(matches!(other, ClaimDecision::InProgress { .. }), "{other:?}");
}

/// Leases and retentions out of bounds are refused before anything happens, and those at the bounds work.
pub async fn ttl_zero_and_max(backend: &dyn Backend) {
    let store = faulty(backend).await;
    let executions = Executions::default();
    let call = async |call: Operation| call.run(&store, async |_| Ok::<_, Error>(executions.add())).await;
    for duration in [Duration::ZERO, Duration::MAX] {
        for refused in [operation("order").lease(duration), operation("order").retain(duration)] {
            assert!(call(refused).await.is_err_and(|error| error.is_misuse()));
        }
    }
    // A count that is kept for less than a lease is forgotten before a call that was cut off is made again.
    let forgets = operation("order").lease(LONG).retain(SHORT).max_attempts(2);
    for refused in [operation("order").version(0), operation("order").max_attempts(0), forgets] {
        assert!(call(refused).await.is_err_and(|error| error.is_misuse()));
    }
    assert_eq!((executions.count(), store.all_calls()), (0, 0));

    let (leases, retentions) = (Operation::LEASES, Operation::RETENTIONS);
    // On a busy machine the answers may come later than such a lease lasts, and then nothing runs.
    let elsewhere = faulty(backend).await;
    let least = async || {
        let call = operation("least").lease(*leases.start()).retain(*retentions.start());
        let answer = call.run(&elsewhere, async |_| Ok::<_, Error>(0)).await;
        assert!(answer.as_ref().err().is_none_or(Error::is_retryable), "both are within bounds: {answer:?}");
        answer.is_ok()
    };
    eventually("an answer comes in time", least).await;
    call(operation("most").lease(*leases.end()).retain(*retentions.end())).await.expect("both are within bounds");
    assert!(call(operation("most")).await.expect("it is kept for ten years").is_replayed());
    acquire(&store, &ClaimRequest { lease: SHORT, ..request("waits") }).await;
    let waits = operation("waits").in_flight(InFlight::Wait(Duration::MAX));
    assert!(!call(waits).await.expect("the claim lapses").is_replayed());
    assert_eq!(store.calls(Method::Release), 0);
}

/// Each call sets the retention of its own outcome.
pub async fn per_call_ttl_override(backend: &dyn Backend) {
    let store = backend.store().await;
    for (name, retention) in [("short", SHORT), ("long", HOUR)] {
        operation(name).retain(retention).run(&store, async |_| Ok::<_, Error>(1)).await.expect("the body runs");
    }
    expire(&store, &key("short")).await;
    for (name, answer) in [("short", Answer::Executed(2)), ("long", Answer::Replayed(1))] {
        let second = operation(name).run(&store, async |_| Ok::<_, Error>(2)).await;
        assert_eq!(second.expect("there is an outcome"), answer, "{name}");
    }
}

/// The whole life of a key: claimed, completed, replayed, expired, claimed anew, purged, and claimed once more.
pub async fn full_lifecycle_acquire_complete_expire_reacquire(backend: &dyn Backend) {
    let [first, second] = two(backend).await;
    let request = request("order");
    for round in 1..=3 {
        let claim = acquire(&first, &by_another(&request)).await;
        assert_eq!((claim.attempt, claim.origin), (1, Origin::Free));
        let outcome = outcome(&round.to_string());
        second.complete(&claim, &outcome, SHORT).await.expect("the holder completes");
        match ask(&first, &by_another(&request)).await {
            ClaimDecision::Replay(replayed) => assert_eq!(replayed, outcome),
            // On a slow machine it has expired already.
            decision => {
                let claim = acquired(decision);
                second.complete(&claim, &outcome, SHORT).await.expect("the holder completes");
            }
        }
        expire(&first, &request.key).await;
        if round == 2 {
            second.purge_expired(10).await.expect("the store answers");
        }
    }
}
