//! A body that panics, is dropped, or loses its runtime never blocks its key beyond the lease.

use std::future::pending;
use std::sync::Arc;

use tokio::sync::Notify;
use tokio::task::JoinError;

use crate::{Abandoned, Answer, ClaimDecision, Error, InFlight, Operation};

use super::support::{LONG, SHORT, ask, becomes, eventually, faulty, found, key, lapse, operation, record, request};
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

/// A call that is dropped while its body runs releases its claim in the background, and goes on with it if that fails.
pub async fn future_dropped_releases(backend: &dyn Backend) {
    let store = faulty(backend).await;
    abort_running(&store, operation("order")).await;
    is_free(&store, "order").await;

    store.plan(Method::Release, [Fault::Fails, Fault::LosesAcknowledgement]);
    abort_running(&store, operation("another order")).await;
    is_free(&store, "another order").await;
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

/// A timeout around the call drops its body, and releases its claim.
pub async fn timeout_outer_select_drops_body(backend: &dyn Backend) {
    let store = faulty(backend).await;
    let held = Arc::new(());
    let timed_out = {
        let held = Arc::clone(&held);
        let body = async move |_| {
            pending::<()>().await;
            Ok::<_, Error>(Arc::strong_count(&held))
        };
        tokio::time::timeout(SHORT, operation("order").run(&store, body)).await
    };
    assert!(timed_out.is_err(), "the body never ends");
    assert_eq!(Arc::strong_count(&held), 1, "the body was dropped");
    is_free(&store, "order").await;
}
