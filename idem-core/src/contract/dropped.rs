//! A body that panics, is dropped, or loses its runtime never blocks its key beyond the lease.

use std::future::pending;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use tokio::sync::Notify;
use tokio::task::JoinError;

use crate::{Abandoned, Answer, ClaimDecision, Dropped, Error, InFlight, Operation, Store, to_the_end};

use super::support::{
    Executions, Failure, LONG, SHORT, UNRENEWED, ask, becomes, eventually, faulty, found, key, lapse, operation,
    record, request, two,
};
use super::{Backend, Fault, Faulty, Method};

/// Starts a call, aborts it once its body runs, and waits until it is gone.
async fn abort_running(store: &Arc<Faulty>, operation: Operation) {
    let running = Arc::new(Notify::new());
    let call = tokio::spawn({
        let (store, running) = (Arc::clone(store), Arc::clone(&running));
        async move {
            let body = async |_| {
                running.notify_one();
                pending::<Result<u32, Error>>().await
            };
            operation.run(&store, body).await
        }
    });
    running.notified().await;
    call.abort();
    assert!(call.await.is_err_and(|error| error.is_cancelled()));
}

/// Polls a call until its body runs, and drops it.
async fn drop_running(call: impl Future, running: &Notify) {
    tokio::select! {
        _ = call => panic!("the body never ends"),
        () = running.notified() => {}
    }
}

/// Shows that the key is free, though the lease is long: the next call is the second attempt.
async fn is_free(store: &Arc<Faulty>, name: &str) {
    becomes(store, name, "released").await;
    let answer = operation(name).run(store, async |execution| Ok::<_, Error>(execution.attempt())).await;
    assert_eq!(answer.expect("the key is free"), Answer::Executed(2));
}

/// Shows that the key was not released: it is blocked while the lease lasts, and then waits for a decision.
async fn is_abandoned(store: &Arc<Faulty>, name: &str) {
    let refusing = crate::ClaimRequest { abandoned: Abandoned::Refuse, ..request(name) };
    let decision = loop {
        lapse(store, &key(name)).await;
        match ask(store, &refusing).await {
            // A renewal that was under way when the call ended has landed.
            ClaimDecision::InProgress { .. } => {}
            decision => break decision,
        }
    };
    assert_eq!(decision, ClaimDecision::Abandoned);
    assert_eq!(store.calls(Method::Release), 0);
}

/// A panic releases the claim and goes on. Under `refuse` the claim is left to lapse, because the outcome is unknown.
pub async fn panic_releases_or_poisons(backend: &dyn Backend) {
    let store = faulty(backend).await;
    let panicking = async |store: &Arc<Faulty>, operation: Operation| -> JoinError {
        let store = Arc::clone(store);
        let call = tokio::spawn(async move {
            // Without the hook, which would print.
            let body = async |_| -> Result<u32, Error> { std::panic::resume_unwind(Box::new("the body panics")) };
            operation.run(&store, body).await
        });
        call.await.expect_err("the body panics")
    };
    let refused = panicking(&store, operation("poisoned").lease(SHORT).abandoned(Abandoned::Refuse)).await;
    assert!(refused.is_panic());
    is_abandoned(&store, "poisoned").await;

    let released = panicking(&store, operation("released")).await;
    assert_eq!(released.into_panic().downcast_ref(), Some(&"the body panics"));
    is_free(&store, "released").await;
}

/// A body that has returned does not run again, whatever of the caller's own code panics after that. A value is done without an
/// outcome, and an error is the key's end as its policy says. Where the policy itself panics, a person decides.
pub async fn panic_after_the_body_has_returned_runs_nothing_again(backend: &dyn Backend) {
    let store = faulty(backend).await;
    let call = |name: &'static str, answer: Result<u32, Failure>| {
        let store = Arc::clone(&store);
        tokio::spawn(async move {
            let panics = |_: &Failure| std::panic::resume_unwind(Box::new("the policy panics"));
            let operation = operation(name).unknown_if(move |failure| name == "policy" && panics(failure));
            operation.run(&store, |_| PanicsInItsDrop { answer: Some(answer), is_quiet: name == "policy" }).await
        })
    };
    for name in ["value", "error", "policy"] {
        let answer = if name == "value" { Ok(1) } else { Err(Failure::Busy) };
        assert!(call(name, answer).await.is_err_and(|error| error.is_panic()), "{name}");
    }
    becomes(&store, "value", "completed").await;
    let retry = operation("value").run(&store, async |_| Ok::<_, Error>(2)).await;
    assert!(retry.is_err_and(|error| error.is_completed_without_outcome()));
    becomes(&store, "error", "released").await;
    eventually("it waits", async || ask(&store, &request("policy")).await == ClaimDecision::Abandoned).await;
}

/// A future that answers at once, and panics when it is dropped after that.
struct PanicsInItsDrop {
    answer: Option<Result<u32, Failure>>,
    is_quiet: bool,
}

impl Future for PanicsInItsDrop {
    type Output = Result<u32, Failure>;

    fn poll(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Self::Output> {
        Poll::Ready(self.answer.take().expect("it is polled once"))
    }
}

impl Drop for PanicsInItsDrop {
    fn drop(&mut self) {
        if !self.is_quiet {
            // Without the hook, which would print.
            std::panic::resume_unwind(Box::new("the body panics as it is dropped"));
        }
    }
}

/// A call that is dropped while its body runs leaves its claim until the lease runs out: what the body has set going may go on,
/// and a retry must not do it a second time meanwhile. Then the next call takes over.
pub async fn future_dropped_lapses(backend: &dyn Backend) {
    let store = faulty(backend).await;
    abort_running(&store, operation("order").lease(UNRENEWED)).await;
    let retry = operation("order").run(&store, async |_| Ok::<_, Error>(0)).await;
    assert!(retry.is_err_and(|error| error.is_in_progress() && error.is_retryable()));
    let waits = operation("order").in_flight(InFlight::Wait(LONG));
    let answer = waits.run(&store, async |execution| Ok::<_, Error>(execution.attempt())).await;
    assert_eq!(answer.expect("the lease has run out"), Answer::Executed(2));
    assert_eq!(store.calls(Method::Release), 0);
}

/// A call that says so releases its claim in the background when it is dropped while its body runs, and goes on with it if
/// that fails.
pub async fn future_dropped_releases(backend: &dyn Backend) {
    let store = faulty(backend).await;
    let releases = |name| operation(name).dropped(Dropped::Release);
    abort_running(&store, releases("order")).await;
    is_free(&store, "order").await;

    store.plan(Method::Release, [Fault::Fails, Fault::LosesAcknowledgement, Fault::NotNow]);
    abort_running(&store, releases("another order")).await;
    is_free(&store, "another order").await;
}

/// A call that is wrapped in [`to_the_end`](crate::to_the_end) goes on when it is dropped: a retry meanwhile is told so, and then
/// gets its outcome. Nothing runs twice.
pub async fn future_dropped_goes_on_to_the_end(backend: &dyn Backend) {
    let (store, executions) = (backend.store().await, Executions::default());
    let (running, finish) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let call = {
        let (store, executions) = (Arc::clone(&store), executions.clone());
        let (running, finish) = (Arc::clone(&running), Arc::clone(&finish));
        to_the_end(async move {
            let body = async |_| {
                running.notify_one();
                finish.notified().await;
                Ok::<_, Error>(executions.add())
            };
            operation("order").run(&store, body).await
        })
    };
    let hung_up = async {
        tokio::select! {
            answer = call => panic!("the body does not end: {answer:?}"),
            () = running.notified() => {}
        }
    };
    hung_up.await;
    let again = || operation("order").in_flight(InFlight::Wait(LONG));
    let rejected = operation("order").run(&store, async |_| Ok::<_, Error>(executions.add())).await;
    assert!(rejected.is_err_and(|error| error.is_in_progress()));
    finish.notify_one();
    let answer = again().run(&store, async |_| Ok::<_, Error>(executions.add())).await;
    assert_eq!(answer.expect("the body has ended"), Answer::Replayed(1));
}

/// A body that has said that nobody will know what it did leaves a key that waits for a person, whether it returns an error,
/// panics or is dropped; one that returns a value is done all the same.
pub async fn body_that_said_unknown_waits_for_a_person(backend: &dyn Backend) {
    let store = faulty(backend).await;
    let waits_for_a_person = async |name: &str| {
        store.called(Method::Abandon, 1).await;
        eventually("it waits", async || ask(&store, &request(name)).await == ClaimDecision::Abandoned).await;
        assert_eq!(store.calls(Method::Release), 0);
    };
    let body = async |execution: crate::Execution| {
        execution.mark_unknown();
        Err::<u32, _>(Failure::Busy)
    };
    let failed = operation("fails").run(&store, body).await;
    assert!(matches!(failed, Err(Failure::Busy)), "the caller gets the error: {failed:?}");
    waits_for_a_person("fails").await;

    let store = faulty(backend).await;
    let waits_for_a_person = async |name: &str| {
        store.called(Method::Abandon, 1).await;
        eventually("it waits", async || ask(&store, &request(name)).await == ClaimDecision::Abandoned).await;
    };
    let running = Notify::new();
    let body = async |execution: crate::Execution| {
        execution.mark_unknown();
        running.notify_one();
        pending::<Result<u32, Error>>().await
    };
    drop_running(operation("is dropped").dropped(Dropped::Release).run(&store, body), &running).await;
    waits_for_a_person("is dropped").await;

    let body = async |execution: crate::Execution| {
        execution.mark_unknown();
        Ok::<_, Error>(42)
    };
    assert_eq!(operation("returns").run(&store, body).await.expect("it knows"), Answer::Executed(42));
    assert_eq!(record(&store, "returns").await.state.name(), "completed");
}

/// An error that means that nobody knows what the body did is returned, and the key waits for a person; other errors are as the
/// policy says. It is given up also where the store will not take that at once.
pub async fn error_of_an_unknown_effect_waits_for_a_person(backend: &dyn Backend) {
    let [first, second] = two(backend).await;
    let is_unknown = |failure: &Failure| matches!(failure, Failure::Busy);
    let call = async |store: &Arc<dyn Store>, answer: Result<u32, Failure>| {
        operation("order").keep_errors_if(|_| false).unknown_if(is_unknown).run(store, async |_| answer).await
    };
    assert!(matches!(call(&first, Err(Failure::Declined { code: 1 })).await, Err(Failure::Declined { code: 1 })));
    assert!(matches!(call(&first, Err(Failure::Busy)).await, Err(Failure::Busy)));
    for store in [&first, &second] {
        let again = call(store, Ok(1)).await;
        assert!(matches!(&again, Err(Failure::Idem(error)) if error.is_abandoned()), "{again:?}");
    }

    // In whichever order the two are said.
    let kept = operation("kept").unknown_if(is_unknown).keep_errors();
    assert!(matches!(kept.run(&first, async |_| Err::<u32, _>(Failure::Busy)).await, Err(Failure::Busy)));
    assert_eq!(ask(&second, &request("kept")).await, ClaimDecision::Abandoned);
    let picked = operation("picked").unknown_if(is_unknown).keep_errors_if(|_| true);
    assert!(matches!(picked.run(&first, async |_| Err::<u32, _>(Failure::Busy)).await, Err(Failure::Busy)));
    assert_eq!(ask(&second, &request("picked")).await, ClaimDecision::Abandoned);

    let store = faulty(backend).await;
    store.plan(Method::Abandon, [Fault::NotNow, Fault::LosesAcknowledgement]);
    let failed = operation("later").unknown_if(is_unknown).run(&store, async |_| Err::<u32, _>(Failure::Busy)).await;
    assert!(matches!(failed, Err(Failure::Busy)));
    assert_eq!(ask(&second, &request("later")).await, ClaimDecision::Abandoned);

    // Also where a renewal is on its way.
    let store = faulty(backend).await;
    store.plan(Method::Extend, [Fault::Delays(SHORT)]);
    let renewed = operation("renewed").lease(SHORT * 40).unknown_if(is_unknown);
    let body = async |_| {
        store.called(Method::Extend, 1).await;
        Err::<u32, _>(Failure::Busy)
    };
    assert!(matches!(renewed.run(&store, body).await, Err(Failure::Busy)));
    tokio::time::sleep(SHORT * 3).await;
    assert_eq!(ask(&second, &request("renewed")).await, ClaimDecision::Abandoned);
}

/// A call that is dropped while its body runs leaves its claim to lapse under `refuse`: the outcome is unknown.
pub async fn future_dropped_keeps_lease(backend: &dyn Backend) {
    let store = faulty(backend).await;
    abort_running(&store, operation("order").lease(SHORT).abandoned(Abandoned::Refuse)).await;
    is_abandoned(&store, "order").await;
}

/// A call that is dropped while it claims leaves no claim: none was made, or it is released.
pub async fn drop_during_claim_await(backend: &dyn Backend) {
    for abandoned in [Abandoned::Rerun, Abandoned::Refuse] {
        for fault in [Fault::Hangs, Fault::HangsAfter, Fault::Delays(SHORT)] {
            let store = faulty(backend).await;
            store.plan(Method::Claim, [fault]);
            let name = format!("{fault:?} {abandoned:?}");
            let call = tokio::spawn({
                let (store, name) = (Arc::clone(&store), name.clone());
                async move { operation(&name).abandoned(abandoned).run(&store, async |_| Ok::<_, Error>(0)).await }
            });
            store.called(Method::Claim, 1).await;
            if fault == Fault::HangsAfter {
                eventually("the claim lands", async || found(&store, &key(&name)).await.is_some()).await;
            }
            call.abort();
            assert!(call.await.is_err_and(|error| error.is_cancelled()));
            // The lease is far longer than this call is ready to wait.
            let next = operation(&name).in_flight(InFlight::Wait(LONG / 3));
            let answer = next.run(&store, async |_| Ok::<_, Error>(42)).await;
            assert_eq!(answer.expect("the key is free"), Answer::Executed(42), "{name}");
        }
    }
}

/// A runtime that is shut down in the middle of a body leaves the key free, at the latest when the lease has run out.
pub async fn runtime_shutdown_mid_body(backend: &dyn Backend) {
    let store = backend.store().await;
    let dying = backend.store().await;
    let (running, is_running) = std::sync::mpsc::channel();
    let shutdown = std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build();
        let runtime = runtime.expect("a runtime");
        runtime.spawn(async move {
            let body = async |_| {
                running.send(()).expect("the case waits for it");
                pending::<Result<u32, Error>>().await
            };
            operation("order").lease(SHORT * 4).run(&dying, body).await
        });
        is_running.recv().expect("the body runs");
        runtime.shutdown_timeout(LONG);
    });
    tokio::task::spawn_blocking(move || shutdown.join()).await.expect("it can be joined").expect("it does not panic");
    let next = operation("order").in_flight(InFlight::Wait(LONG));
    let answer = next.run(&store, async |execution| Ok::<_, Error>(execution.attempt())).await;
    assert_eq!(answer.expect("the key is free"), Answer::Executed(2));
    assert_eq!(record(&store, "order").await.state.name(), "completed");
}

/// A `select!` or a timeout around the call drops its body, and releases its claim if it is to.
pub async fn timeout_outer_select_drops_body(backend: &dyn Backend) {
    let store = faulty(backend).await;
    let (held, running) = (Arc::new(()), Arc::new(Notify::new()));
    let body = {
        let (held, running) = (Arc::clone(&held), Arc::clone(&running));
        async move |_| {
            running.notify_one();
            pending::<()>().await;
            Ok::<_, Error>(Arc::strong_count(&held))
        }
    };
    drop_running(operation("order").dropped(Dropped::Release).run(&store, body), &running).await;
    assert_eq!(Arc::strong_count(&held), 1, "the body was dropped");
    is_free(&store, "order").await;
}
