//! The body succeeded, and storing its outcome is what fails.

use std::sync::Arc;

use serde::{Deserialize, Serialize, Serializer};

use crate::{Abandoned, Answer, Codec, Error, Execution, State};

use super::renewal::blocked_for;
use super::support::{Executions, RENEWED, SHORT, UNRENEWED, becomes, faulty, key, lapse, operation, record};
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

/// With the store away the caller gets its value within its time, and the outcome is stored once the store is back.
pub async fn store_away_after_success_stores_the_outcome_later(backend: &dyn Backend) {
    let (store, executions) = (faulty(backend).await, Executions::default());
    let body = async |_| {
        store.partition();
        Ok::<_, Error>(executions.add())
    };
    let answer = operation("order").settle_within(SHORT).run(&store, body).await;
    assert_eq!(answer.expect("the caller gets the value"), Answer::Executed(1));
    assert!(store.calls(Method::Complete) > 1 && store.calls(Method::Release) == 0, "{store:?}");
    store.heal();
    becomes(&store, "order", "completed").await;
    assert_eq!(call(&store, &executions, &[]).await, Answer::Replayed(1));
}

/// With the store away from its holder for longer than the lease, another process may take the key over. The holder's outcome
/// changes nothing then, however late it comes.
pub async fn store_away_for_longer_than_the_lease_loses_the_claim(backend: &dyn Backend) {
    let (store, elsewhere) = (faulty(backend).await, backend.store().await);
    let body = async |execution: Execution| {
        store.partition();
        Ok::<_, Error>(execution.attempt())
    };
    let answer = operation("order").lease(UNRENEWED).run(&store, body).await;
    assert_eq!(answer.expect("the caller gets the value"), Answer::Executed(1));
    lapse(&elsewhere, &key("order")).await;
    let answer = operation("order").run(&elsewhere, async |execution| Ok::<_, Error>(execution.attempt())).await;
    assert_eq!(answer.expect("the claim has lapsed"), Answer::Executed(2));
    let before = record(&elsewhere, "order").await;
    let tried = store.calls(Method::Complete);
    store.heal();
    store.called(Method::Complete, tried + 1).await;
    assert_eq!(record(&elsewhere, "order").await, before);
}

/// A holder whose outcome had no answer until its lease ran out asks once more before its caller is told anything. Somebody else may
/// have taken the claim over by then, and all callers are told the same.
pub async fn holder_without_an_answer_past_its_lease_asks_once_more(backend: &dyn Backend) {
    let (store, elsewhere) = (faulty(backend).await, backend.store().await);
    store.always(Method::Extend, Fault::Fails);
    store.plan(Method::Complete, [Fault::Hangs]);
    let attempt = async |execution: Execution| Ok::<_, Error>(execution.attempt());
    let holder = operation("order").lease(UNRENEWED).settle_within(SHORT).run(&store, attempt);
    let successor = async {
        store.called(Method::Complete, 1).await;
        lapse(&elsewhere, &key("order")).await;
        operation("order").run(&elsewhere, attempt).await
    };
    let (holder, successor) = tokio::join!(holder, successor);
    let told = [holder, successor].map(|answer| answer.expect("there is an outcome").into_inner());
    assert_eq!(told[0], told[1]);
}

/// A store that will not take the outcome now, for longer than the lease, has it in the end; meanwhile the claim is renewed, so
/// that nobody runs again.
pub async fn completion_that_may_pass_is_tried_under_a_renewed_lease(backend: &dyn Backend) {
    let (store, elsewhere, executions) = (faulty(backend).await, backend.store().await, Executions::default());
    store.always(Method::Complete, Fault::NotNow);
    let body = async |_| Ok::<_, Error>(executions.add());
    let answer = operation("order").lease(RENEWED).settle_within(SHORT).run(&store, body).await;
    assert_eq!(answer.expect("the caller gets the value"), Answer::Executed(1));
    blocked_for(2 * RENEWED, &elsewhere, "order").await;
    store.heal();
    becomes(&store, "order", "completed").await;
    assert_eq!(call(&store, &executions, &[]).await, Answer::Replayed(1));
}

/// An outcome that the store refuses for good becomes a mark that the call is done: the caller gets its value, a retry learns
/// that there is no outcome, and nothing runs again.
pub async fn refused_outcome_becomes_a_mark(backend: &dyn Backend) {
    let (store, executions) = (faulty(backend).await, Executions::default());
    assert_eq!(call(&store, &executions, &[Fault::Refuses]).await, Answer::Executed(1));
    assert_eq!((store.calls(Method::Complete), store.calls(Method::Release)), (2, 0));
    let State::Finished(outcome) = record(&store, "order").await.state else { panic!("the call is done") };
    assert_eq!(outcome.codec, Codec::Omitted);
    let again = operation("order").run(&store, async |_| Ok::<_, Error>(executions.add())).await;
    assert!(again.is_err_and(|error| error.is_completed_without_outcome()));
    assert_eq!(executions.count(), 1);
}

/// Where the store refuses the mark, too, the claim waits for a person, at once and under every policy.
pub async fn refused_mark_leaves_a_claim_that_waits_for_a_person(backend: &dyn Backend) {
    let (store, executions) = (faulty(backend).await, Executions::default());
    assert_eq!(call(&store, &executions, &[Fault::Refuses, Fault::Refuses]).await, Answer::Executed(1));
    assert_eq!((store.calls(Method::Complete), store.calls(Method::Abandon)), (2, 1));
    for abandoned in [Abandoned::Rerun, Abandoned::Refuse] {
        let again = operation("order").abandoned(abandoned).run(&store, async |_| Ok::<_, Error>(executions.add()));
        assert!(again.await.is_err_and(|error| error.is_abandoned()));
    }
    assert_eq!(executions.count(), 1);
}

/// A store that refuses whatever could end the claim, and is mended between two writes, gets the outcome and not what would have
/// stood in its place.
pub async fn store_that_is_mended_between_two_writes_gets_the_outcome(backend: &dyn Backend) {
    let (store, executions) = (faulty(backend).await, Executions::default());
    store.plan(Method::Abandon, [Fault::Refuses]);
    assert_eq!(call(&store, &executions, &[Fault::Refuses; 3]).await, Answer::Executed(1));
    becomes(&store, "order", "completed").await;
    assert_eq!(call(&store, &executions, &[]).await, Answer::Replayed(1));
}

/// Where the store refuses whatever could end the claim, its holder keeps it for longer than its lease, and stores the
/// outcome when somebody has mended the store.
pub async fn claim_that_no_write_can_end_is_kept_until_the_store_is_mended(backend: &dyn Backend) {
    let (store, elsewhere, executions) = (faulty(backend).await, backend.store().await, Executions::default());
    for method in [Method::Complete, Method::Abandon] {
        store.always(method, Fault::Refuses);
    }
    let body = async |_| Ok::<_, Error>(executions.add());
    let answer = operation("order").lease(RENEWED).run(&store, body).await;
    assert_eq!(answer.expect("the caller gets the value"), Answer::Executed(1));
    blocked_for(2 * RENEWED, &elsewhere, "order").await;
    store.heal();
    becomes(&store, "order", "completed").await;
    assert_eq!(call(&store, &executions, &[]).await, Answer::Replayed(1));
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

/// An error that is kept, and panics while it is encoded, is the key's end as well.
pub async fn panic_while_encoding_a_kept_error_leaves_the_key_done(backend: &dyn Backend) {
    let store = faulty(backend).await;
    let call = tokio::spawn({
        let store = Arc::clone(&store);
        async move { operation("order").keep_errors().run(&store, async |_| Err::<(), _>(Bomb)).await }
    });
    assert!(call.await.is_err_and(|error| error.is_panic()));
    becomes(&store, "order", "failed").await;
}

#[derive(Debug, Deserialize)]
struct Bomb;

impl From<Error> for Bomb {
    fn from(error: Error) -> Self {
        panic!("nothing else goes wrong: {error}")
    }
}

impl Serialize for Bomb {
    fn serialize<S: Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
        // Without the hook, which would print.
        std::panic::resume_unwind(Box::new("the value panics"))
    }
}
