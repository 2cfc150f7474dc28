//! Many callers, one execution.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Semaphore;

use crate::{Answer, AsStore, ClaimDecision, ClaimRequest, Error, InFlight, Store};

use super::support::{
    Executions, LONG, RACERS, acquire, ask, by_another, fingerprint, operation, outcome, race, record, request, two,
};
use super::{Backend, Fault, Faulty, Method};

/// Of many calls on two instances one runs. The others are refused, or wait and get its outcome. The body ends only after
/// every other call has asked, so that none comes too late to be in flight.
pub async fn concurrent_same_key_runs_once(backend: &dyn Backend) {
    let stores = two(backend).await;
    for round in 0..3 {
        one_runs_and_the_others_are_refused(&stores, ("rejected", round)).await;
        one_runs_and_the_others_wait(&stores, ("waited", round)).await;
    }
}

/// As [`concurrent_same_key_runs_once`], with 50 ms between the callers and the backend.
pub async fn concurrent_same_key_runs_once_under_50ms_latency(backend: &dyn Backend) {
    let distant = two(backend).await.map(|store| -> Arc<dyn Store> {
        let distant = Faulty::new(store);
        for method in [Method::Claim, Method::Complete] {
            distant.always(method, Fault::Delays(Duration::from_millis(25)));
        }
        distant
    });
    one_runs_and_the_others_are_refused(&distant, ("rejected", 0)).await;
    one_runs_and_the_others_wait(&distant, ("waited", 0)).await;
}

async fn one_runs_and_the_others_are_refused(stores: &[Arc<dyn Store>], key: (&'static str, u32)) {
    let executions = Executions::default();
    let refused = Arc::new(Semaphore::new(0));
    let others = u32::try_from(RACERS - 1).expect("they are few");
    let answers = race(stores, |_, store| {
        let (executions, refused) = (executions.clone(), Arc::clone(&refused));
        async move {
            let body = async |_| {
                executions.add();
                refused.acquire_many(others).await.expect("the semaphore stays open").forget();
                Ok::<_, Error>(42)
            };
            let answer = operation(&key).run(&store, body).await;
            refused.add_permits(usize::from(answer.is_err()));
            answer
        }
    })
    .await;
    let executed = answers.iter().filter(|answer| matches!(answer, Ok(Answer::Executed(42)))).count();
    let in_progress = answers.iter().filter(|answer| matches!(answer, Err(error) if error.is_in_progress())).count();
    assert_eq!((executions.count(), executed, in_progress), (1, 1, RACERS - 1), "{answers:?}");
}

async fn one_runs_and_the_others_wait(stores: &[Arc<dyn Store>], key: (&'static str, u32)) {
    let executions = Executions::default();
    let counted: Vec<_> = stores.iter().map(|store| Faulty::new(Arc::clone(store))).collect();
    let handles: Vec<_> = counted.iter().map(AsStore::as_store).collect();
    let answers = race(&handles, |_, store| {
        let (executions, counted) = (executions.clone(), counted.clone());
        async move {
            let body = async |_| {
                executions.add();
                for store in counted {
                    store.called(Method::Claim, RACERS / 2).await;
                }
                Ok::<_, Error>(42)
            };
            operation(&key).in_flight(InFlight::Wait(LONG)).run(&store, body).await
        }
    })
    .await;
    let executed = answers.iter().filter(|answer| matches!(answer, Ok(Answer::Executed(42)))).count();
    let replayed = answers.iter().filter(|answer| matches!(answer, Ok(Answer::Replayed(42)))).count();
    assert_eq!((executions.count(), executed, replayed), (1, 1, RACERS - 1), "{answers:?}");
}

/// A duplicate in flight is refused, learns how much of the lease is left, and runs nothing.
pub async fn in_progress_duplicate_rejected(backend: &dyn Backend) {
    let [first, second] = two(backend).await;
    acquire(&first, &request("order")).await;
    let executions = Executions::default();
    let answer = operation("order").run(&second, async |_| Ok::<_, Error>(executions.add())).await;
    let error = answer.expect_err("the key is claimed");
    assert!(error.is_in_progress() && !error.is_wait_timeout() && error.is_retryable());
    let left = error.retry_after().expect("the lease time left is known");
    assert!(Duration::ZERO < left && left <= LONG, "{left:?} of {LONG:?} is left");
    assert_eq!(executions.count(), 0);
}

/// A duplicate that is refused leaves the record byte for byte as it was, and the holder still completes.
pub async fn rejected_duplicate_leaves_record_untouched(backend: &dyn Backend) {
    let [first, second] = two(backend).await;
    let request = ClaimRequest { fingerprint: Some(fingerprint(1)), ..request("order") };
    let claim = acquire(&first, &request).await;
    let before = record(&first, "order").await;

    let other_payload = ClaimRequest { fingerprint: Some(fingerprint(2)), ..by_another(&request) };
    for store in [&first, &second] {
        let decision = ask(store, &by_another(&request)).await;
        assert!(matches!(decision, ClaimDecision::InProgress { .. }), "{decision:?}");
        assert_eq!(ask(store, &other_payload).await, ClaimDecision::Mismatch);
        assert_eq!(record(store, "order").await, before);
    }
    first.complete(&claim, &outcome("42"), request.retention).await.expect("the holder completes");
}
