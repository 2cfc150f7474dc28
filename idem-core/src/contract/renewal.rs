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
