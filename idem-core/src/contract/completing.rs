//! The body succeeded, and storing its outcome is what fails.

use std::sync::Arc;

use serde::{Deserialize, Serialize, Serializer};

use crate::{Abandoned, Answer, ClaimDecision, Error, Execution, State};

use super::support::{Executions, UNRENEWED, ask, becomes, faulty, lapse, operation, record, request};
use super::{Backend, Fault, Faulty, Method};

/// Runs a body that counts itself, with these faults of [`Method::Complete`].
async fn call(store: &Arc<Faulty>, executions: &Executions, faults: &[Fault]) -> Answer<usize> {
    store.plan(Method::Complete, faults.iter().copied());
    let answer = operation("order").run(store, async |_| Ok::<_, Error>(executions.add())).await;
    answer.expect("the caller gets the value")
}

/// A completion that fails for a moment is repeated, and the outcome is stored.
pub async fn complete_failure_after_success(backend: &dyn Backend) {
    let (store, executions) = (faulty(backend).await, Executions::default());
    assert_eq!(call(&store, &executions, &[Fault::Fails, Fault::Fails]).await, Answer::Executed(1));
    assert_eq!(store.calls(Method::Complete), 3);
    assert_eq!(call(&store, &executions, &[]).await, Answer::Replayed(1));
}

/// A completion whose acknowledgement is lost is repeated, and changes nothing the second time.
pub async fn complete_acknowledgement_lost(backend: &dyn Backend) {
    let (store, executions) = (faulty(backend).await, Executions::default());
    assert_eq!(call(&store, &executions, &[Fault::LosesAcknowledgement]).await, Answer::Executed(1));
    assert_eq!(store.calls(Method::Complete), 2);
    assert_eq!(call(&store, &executions, &[]).await, Answer::Replayed(1));
}

/// With the store away for longer than the lease the caller gets its value; the key stays claimed until the lease runs out,
/// so that nobody runs again while the outcome may still land, and is then free.
pub async fn store_away_after_success_keeps_the_claim(backend: &dyn Backend) {
    let (store, elsewhere) = (faulty(backend).await, backend.store().await);
    let mut claim_id = None;
    let body = async |execution: Execution| {
        claim_id = record(&elsewhere, "order").await.claim_id;
        store.partition();
        Ok::<_, Error>(execution.attempt())
    };
    let answer = operation("order").lease(UNRENEWED).run(&store, body).await;
    assert_eq!(answer.expect("the caller gets the value"), Answer::Executed(1));
    assert!(store.calls(Method::Complete) > 1 && store.calls(Method::Release) == 0, "{store:?}");
    store.heal();

    let kept = record(&elsewhere, "order").await;
    assert!(matches!(kept.state, State::Running { .. }) && kept.claim_id == claim_id, "{kept:?}");
    lapse(&elsewhere, &kept.key).await;
    let answer = operation("order").run(&elsewhere, async |execution| Ok::<_, Error>(execution.attempt())).await;
    assert_eq!(answer.expect("the claim has lapsed"), Answer::Executed(2));
}

/// A store that refuses the outcome for good changes nothing of that: the caller gets its value, and the key stays claimed.
pub async fn refused_completion_keeps_the_claim(backend: &dyn Backend) {
    let (store, executions) = (faulty(backend).await, Executions::default());
    assert_eq!(call(&store, &executions, &[Fault::Refuses]).await, Answer::Executed(1));
    assert_eq!((store.calls(Method::Complete), store.calls(Method::Release)), (1, 0));
    let blocked = ask(&store, &request("order")).await;
    assert!(matches!(blocked, ClaimDecision::InProgress { .. }), "{blocked:?}");
}

/// A call that is dropped while its outcome is being stored has its outcome stored all the same.
pub async fn dropped_while_completing_still_stores(backend: &dyn Backend) {
    for fault in [Fault::Hangs, Fault::HangsAfter] {
        let store = faulty(backend).await;
        store.plan(Method::Complete, [fault]);
        let key = format!("{fault:?}");
        let call = tokio::spawn({
            let (store, key) = (Arc::clone(&store), key.clone());
            async move { operation(&key).run(&store, async |_| Ok::<_, Error>(42)).await }
        });
        store.called(Method::Complete, 1).await;
        call.abort();
        assert!(call.await.is_err_and(|error| error.is_cancelled()));
        becomes(&store, &key, "completed").await;
        let answer = operation(&key).run(&store, async |_| Ok::<_, Error>(0)).await;
        assert_eq!(answer.expect("the outcome is stored"), Answer::Replayed(42));
    }
}

/// A value that panics while it is encoded has had its effect: the panic goes on, and the key is done without an outcome.
pub async fn panic_while_encoding_leaves_the_key_done(backend: &dyn Backend) {
    let store = faulty(backend).await;
    for abandoned in [Abandoned::Rerun, Abandoned::Refuse] {
        let name = format!("{abandoned:?}");
        let call = tokio::spawn({
            let (store, name) = (Arc::clone(&store), name.clone());
            async move { operation(&name).abandoned(abandoned).run(&store, async |_| Ok::<_, Error>(Bomb)).await }
        });
        assert!(call.await.is_err_and(|error| error.is_panic()));
        becomes(&store, &name, "completed").await;
        let again = operation(&name).run(&store, async |_| Ok::<_, Error>(2)).await;
        assert!(again.is_err_and(|error| error.is_completed_without_outcome()), "the body has run");
    }
}

#[derive(Debug, Deserialize)]
struct Bomb;

impl Serialize for Bomb {
    fn serialize<S: Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
        // Without the hook, which would print.
        std::panic::resume_unwind(Box::new("the value panics"))
    }
}
