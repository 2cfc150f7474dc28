//! Calls that wait for the one in flight.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Notify;
use tokio::task::JoinSet;

use crate::{
    Abandoned, Answer, ClaimRequest, Error, InFlight, Listener, Operation, Outcome, OutcomeKind, Resolution, Store,
};

use super::support::{
    Executions, Failure, HOUR, LONG, RACERS, SHORT, acquire, acquire_and_lapse, faulty, key, lapse, operation, outcome,
    race, record, request, two,
};
use super::{Backend, Method};

fn waits(name: &str) -> Operation {
    operation(name).in_flight(InFlight::Wait(LONG))
}

/// A waiter gets the outcome of the call that it waited for, on the same instance and on another; the body runs once.
pub async fn waiter_gets_result(backend: &dyn Backend) {
    for answer in answers_of_waiters(backend, outcome("42")).await {
        assert_eq!(answer.expect("there is an outcome"), Answer::Replayed(42));
    }
}

/// A kept error is what waiters get, as the error that it was.
pub async fn stored_error_delivered_to_waiters(backend: &dyn Backend) {
    let error = Outcome { kind: OutcomeKind::Error, ..outcome("{\"Declined\":{\"code\":402}}") };
    for answer in answers_of_waiters(backend, error).await {
        assert!(matches!(answer, Err(Failure::Declined { code: 402 })), "{answer:?}");
    }
}

/// What two waiters get, on two instances, when the holder completes with `outcome`. Their bodies do not run.
async fn answers_of_waiters(backend: &dyn Backend, outcome: Outcome) -> Vec<Result<Answer<usize>, Failure>> {
    let (holder, executions) = (backend.store().await, Executions::default());
    let claim = acquire(&holder, &request("order")).await;
    let instances = [faulty(backend).await, faulty(backend).await];
    let mut waiters = JoinSet::new();
    for store in instances.clone() {
        let executions = executions.clone();
        let body = async move |_| Ok::<_, Failure>(executions.add());
        waiters.spawn(async move { waits("order").keep_errors().run(&store, body).await });
    }
    for store in &instances {
        store.called(Method::Claim, 2).await;
    }
    holder.complete(&claim, &outcome, HOUR).await.expect("the holder completes");
    let answers = waiters.join_all().await;
    assert_eq!((answers.len(), executions.count()), (2, 0));
    answers
}

/// A waiter whose time is up is told so, and leaves the record as it was.
pub async fn waiter_times_out(backend: &dyn Backend) {
    let [first, second] = two(backend).await;
    acquire(&first, &request("order")).await;
    let before = record(&first, "order").await;
    for limit in [Duration::ZERO, SHORT] {
        let call = operation("order").in_flight(InFlight::Wait(limit));
        let error = call.run(&second, async |_| Ok::<_, Error>(0)).await.expect_err("the key stays claimed");
        assert!(error.is_wait_timeout() && error.is_in_progress() && error.is_retryable(), "{error}");
        assert!(error.retry_after().is_some_and(|left| left <= LONG));
    }
    assert_eq!(record(&first, "order").await, before);
}

/// A call that waits longer than its time is told so, though the store does not answer any more.
pub async fn waiter_times_out_though_the_store_does_not_answer(backend: &dyn Backend) {
    let (holder, store) = (backend.store().await, faulty(backend).await);
    acquire(&holder, &request("order")).await;
    store.plan(Method::Claim, [crate::contract::Fault::None]);
    store.always(Method::Claim, crate::contract::Fault::Hangs);
    let call = operation("order").in_flight(InFlight::Wait(SHORT));
    let waited = tokio::time::timeout(LONG / 2, call.run(&store, async |_| Ok::<_, Error>(0))).await;
    let error = waited.expect("it has an end").expect_err("the key stays claimed");
    assert!(error.is_wait_timeout() && error.is_retryable(), "{error}");
}

/// When the holder dies one of the waiters takes over, and the others get its outcome.
pub async fn waiter_takes_over_when_owner_dies(backend: &dyn Backend) {
    let stores = two(backend).await;
    acquire(&stores[0], &ClaimRequest { lease: 2 * SHORT, ..request("order") }).await;
    let executions = Executions::default();
    let answers = race(&stores, |_, store| {
        let executions = executions.clone();
        async move {
            let body = async |execution: crate::Execution| {
                executions.add();
                Ok::<_, Error>(execution.attempt())
            };
            waits("order").run(&store, body).await.expect("there is an outcome")
        }
    })
    .await;
    let replayed = answers.iter().filter(|answer| **answer == Answer::Replayed(2)).count();
    assert!(answers.contains(&Answer::Executed(2)), "{answers:?}");
    assert_eq!((executions.count(), replayed), (1, RACERS - 1), "{answers:?}");
}

/// Waiters that are dropped leave nothing behind: no connection, no change of the record, no claim.
pub async fn waiter_cancelled(backend: &dyn Backend) {
    let (holder, small) = (backend.store().await, backend.store_with_connections(2).await);
    let small = super::Faulty::new(small);
    let claim = acquire(&holder, &request("order")).await;
    let before = record(&holder, "order").await;
    let mut waiters = JoinSet::new();
    for _ in 0..100 {
        let small = Arc::clone(&small);
        waiters.spawn(async move { waits("order").run(&small, async |_| Ok::<_, Error>(0)).await });
    }
    small.called(Method::Claim, 150).await;
    waiters.shutdown().await;
    let other = operation("another order").run(&small, async |_| Ok::<_, Error>(1)).await;
    assert_eq!(other.expect("there is a connection left"), Answer::Executed(1));
    assert_eq!(record(&holder, "order").await, before);
    holder.complete(&claim, &outcome("42"), HOUR).await.expect("the holder completes");
    let answer = waits("order").run(&small, async |_| Ok::<_, Error>(0)).await;
    assert_eq!(answer.expect("there is an outcome"), Answer::Replayed(42));
}

/// Waiters hold no connection: a hundred of them, the holder that they wait for, and other calls share two.
pub async fn waiters_hold_no_db_connection(backend: &dyn Backend) {
    let small = super::Faulty::new(backend.store_with_connections(2).await);
    let (running, finish) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let holder = tokio::spawn({
        let (small, running, finish) = (Arc::clone(&small), Arc::clone(&running), Arc::clone(&finish));
        async move {
            let body = async |_| {
                running.notify_one();
                finish.notified().await;
                Ok::<_, Error>(42)
            };
            operation("order").run(&small, body).await
        }
    });
    running.notified().await;
    let mut waiters = JoinSet::new();
    for _ in 0..100 {
        let small = Arc::clone(&small);
        waiters.spawn(async move { waits("order").run(&small, async |_| Ok::<_, Error>(0)).await });
    }
    small.called(Method::Claim, 150).await;
    for number in 0..10 {
        let answer = operation(&number).run(&small, async |_| Ok::<_, Error>(number)).await;
        assert_eq!(answer.expect("others go on"), Answer::Executed(number));
    }
    finish.notify_one();
    assert_eq!(holder.await.expect("it does not panic").expect("it completes"), Answer::Executed(42));
    for answer in waiters.join_all().await {
        assert_eq!(answer.expect("there is an outcome"), Answer::Replayed(42));
    }
}

/// A waiter that refuses lapsed claims is told when the holder dies, and does not wait on.
pub async fn refusing_waiter_learns_that_the_owner_died(backend: &dyn Backend) {
    let [first, second] = two(backend).await;
    let request = ClaimRequest { lease: SHORT, ..request("order") };
    acquire(&first, &request).await;
    let call = waits("order").abandoned(Abandoned::Refuse);
    let error = call.run(&second, async |_| Ok::<_, Error>(0)).await.expect_err("the outcome is unknown");
    assert!(error.is_abandoned(), "{error}");
    lapse(&first, &request.key).await;
}

/// A store that can tell of ends tells of each of them, whoever wrote it: an outcome, a release, and what an operator decides.
pub async fn a_listener_hears_every_end(backend: &dyn Backend) {
    let [holder, other] = two(backend).await;
    for (number, resolution) in [None, Some(Resolution::Rerun), Some(finish())].into_iter().enumerate() {
        let request = ClaimRequest { abandoned: Abandoned::Refuse, ..request(&number) };
        let Some(mut listener) = hearing(&other, &number).await else { return };
        match resolution {
            None => {
                let claim = acquire(&holder, &request).await;
                holder.release(&claim).await.expect("the claim is held");
                listener.heard().await;
                let claim = acquire(&holder, &request).await;
                holder.complete(&claim, &outcome("42"), HOUR).await.expect("the claim is held");
            }
            Some(resolution) => {
                let claim = acquire_and_lapse(&holder, &request).await;
                holder.resolve(&claim.key, claim.claim_id, &resolution).await.expect("nobody holds it");
            }
        }
        listener.heard().await;
    }
}

fn finish() -> Resolution {
    Resolution::Finish { outcome: outcome("42"), retention: HOUR }
}

/// A listener that hears; `None` if the store cannot tell.
async fn hearing(store: &Arc<dyn Store>, number: &usize) -> Option<Box<dyn Listener>> {
    let mut listener = store.listen(&key(number))?;
    while !listener.hears() {
        listener.heard().await;
    }
    Some(listener)
}
