//! A body that runs for longer than its lease keeps it.

use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::{Answer, ClaimDecision, Error, Store};

use super::support::{RENEWED, ask, faulty, operation, record, request};
use super::{Backend, Fault, Method};

/// Asks for the key from elsewhere until `time` has passed; nobody may get it.
pub(super) async fn blocked_for(time: Duration, elsewhere: &Arc<dyn Store>, name: &str) {
    let started = Instant::now();
    while started.elapsed() < time {
        let decision = ask(elsewhere, &request(name)).await;
        assert!(matches!(decision, ClaimDecision::InProgress { .. }), "after {:?}: {decision:?}", started.elapsed());
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// A body that runs for three times its lease keeps the key, whether it yields or blocks the only thread of its runtime.
pub async fn heartbeat_keeps_lease(backend: &dyn Backend) {
    let [store, elsewhere] = super::support::two(backend).await;
    tokio::join!(while_it_yields(&store, &elsewhere), while_it_blocks(&store, &elsewhere));
    for name in ["yields", "blocks"] {
        assert_eq!(record(&elsewhere, name).await.attempts, 1, "{name}");
    }
}

async fn while_it_yields(store: &Arc<dyn Store>, elsewhere: &Arc<dyn Store>) {
    let body = async |execution: crate::Execution| {
        blocked_for(3 * RENEWED, elsewhere, "yields").await;
        Ok::<_, Error>(execution.is_lost())
    };
    let answer = operation("yields").lease(RENEWED).run(store, body).await;
    assert_eq!(answer.expect("the lease was kept"), Answer::Executed(false));
}

async fn while_it_blocks(store: &Arc<dyn Store>, elsewhere: &Arc<dyn Store>) {
    let (claimed, is_claimed) = tokio::sync::oneshot::channel();
    let store = Arc::clone(store);
    let blocking = std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(operation("blocks").lease(RENEWED).run(&store, async |execution: crate::Execution| {
            let _ = claimed.send(());
            std::thread::sleep(3 * RENEWED);
            Ok::<_, Error>(execution.is_lost())
        }))
    });
    is_claimed.await.expect("the body runs");
    blocked_for(2 * RENEWED, elsewhere, "blocks").await;
    let answer = tokio::task::spawn_blocking(move || blocking.join()).await.expect("it can be joined");
    let answer = answer.expect("the body does not panic").expect("the lease was kept");
    assert_eq!(answer, Answer::Executed(false));
}

/// A renewal that fails is repeated in time: the lease is kept if the store comes back before it runs out.
pub async fn heartbeat_survives_transient_store_error(backend: &dyn Backend) {
    let (store, elsewhere) = (faulty(backend).await, backend.store().await);
    store.plan(Method::Extend, [Fault::Fails, Fault::LosesAcknowledgement, Fault::Fails, Fault::Refuses]);
    let body = async |_| {
        // The first lease, and the one of the renewal whose answer is lost, end before that.
        blocked_for(2 * RENEWED, &elsewhere, "order").await;
        Ok::<_, Error>(42)
    };
    let answer = operation("order").lease(RENEWED).run(&store, body).await;
    assert_eq!(answer.expect("the lease was kept"), Answer::Executed(42));
    assert!(store.calls(Method::Extend) > 4, "{store:?}");
    assert_eq!(record(&elsewhere, "order").await.attempts, 1);
}

/// Holds this many claims for three times their lease, while nobody else gets one.
async fn hold_many(store: &Arc<crate::contract::Faulty>, elsewhere: &Arc<dyn Store>, many: u32) {
    let mut calls = tokio::task::JoinSet::new();
    for number in 0..many {
        let store = Arc::clone(store);
        calls.spawn(async move {
            let body = async |execution: crate::Execution| {
                tokio::time::sleep(2 * RENEWED).await;
                Ok::<_, Error>(execution.is_lost())
            };
            operation(&number).lease(RENEWED).run(&store, body).await
        });
    }
    for answer in calls.join_all().await {
        assert_eq!(answer.expect("the lease was kept"), Answer::Executed(false));
    }
    for number in 0..many {
        assert_eq!(record(elsewhere, &number).await.attempts, 1, "{number}");
    }
}

/// The leases of many claims of one store that are due at about the same time are renewed by few calls of the store.
pub async fn leases_of_one_store_are_renewed_together(backend: &dyn Backend) {
    let (store, elsewhere) = (faulty(backend).await, backend.store().await);
    let started = Instant::now();
    hold_many(&store, &elsewhere, 50).await;
    // Each by itself would be 50 for each third of a lease, however long it took.
    let alone = 50.0 * 3.0 * started.elapsed().as_secs_f64() / RENEWED.as_secs_f64();
    let calls = store.calls(Method::Extend);
    assert!(calls >= 3 && f64::from(u32::try_from(calls).expect("few")) < alone / 2.0, "{store:?}");
}

/// Where the renewal of many does not end, because of one of them perhaps, each is renewed by itself before its lease is over.
pub async fn a_renewal_of_many_that_hangs_costs_nobody_its_lease(backend: &dyn Backend) {
    let (store, elsewhere) = (faulty(backend).await, backend.store().await);
    store.plan(Method::Extend, [Fault::Hangs]);
    hold_many(&store, &elsewhere, 10).await;
    // Those that were together with the one that hangs, and on a busy machine that is not all of them.
    assert!(store.calls(Method::Extend) > 3, "{store:?}");
}
