//! A claim that lapsed under `refuse` waits for a decision.

use std::num::NonZeroU32;
use std::sync::Arc;

use tokio::sync::Notify;

use crate::{
    Abandoned, Answer, ClaimDecision, ClaimId, ClaimRequest, Codec, Error, OutcomeKind, Resolution, State, Store,
    StoreError,
};

use super::Backend;
use super::support::{
    Executions, Failure, HOUR, acquire, acquire_and_lapse, ask, by_another, lapse, operation, outcome, record, request,
    shorten_lease, two,
};

/// Who refuses lapsed claims is told that the outcome is unknown, runs nothing, and changes nothing.
pub async fn takeover_policy_refuse(backend: &dyn Backend) {
    let [first, second] = two(backend).await;
    let refusing = ClaimRequest { abandoned: Abandoned::Refuse, ..request("order") };
    acquire_and_lapse(&first, &refusing).await;
    let before = record(&first, "order").await;
    assert_eq!(ask(&second, &by_another(&refusing)).await, ClaimDecision::Abandoned);

    let executions = Executions::default();
    let call = operation("order").abandoned(Abandoned::Refuse);
    let error = call.run(&second, async |_| Ok::<_, Error>(executions.add())).await.expect_err("it is abandoned");
    assert!(error.is_abandoned() && !error.is_retryable(), "{error}");
    assert_eq!(executions.count(), 0);
    assert_eq!(record(&first, "order").await, before);
}

/// An operator settles a lapsed claim: to run again, as completed, or as failed; fenced by the claim that was looked at.
pub async fn takeover_policy_manual_resolve(backend: &dyn Backend) {
    let [first, second] = two(backend).await;
    let failed = crate::Outcome { kind: OutcomeKind::Error, ..outcome("{\"Declined\":{\"code\":402}}") };
    let completed = Resolution::Finish { outcome: outcome("42"), retention: HOUR };
    let failed = Resolution::Finish { outcome: failed, retention: HOUR };
    for (name, resolution) in [("rerun", Resolution::Rerun), ("completed", completed), ("failed", failed)] {
        let request = ClaimRequest { abandoned: Abandoned::Refuse, ..request(name) };
        let claim = acquire_and_lapse(&first, &request).await;
        let before = record(&first, name).await;
        let refused = second.resolve(&request.key, ClaimId::random(), &resolution).await;
        assert!(refused.is_err_and(|error| error.is_claim_lost()), "it is not the claim that was looked at");
        assert_eq!(record(&first, name).await, before);

        second.resolve(&request.key, claim.claim_id, &resolution).await.expect("the claim has lapsed");
        let again = first.resolve(&request.key, claim.claim_id, &resolution).await;
        assert!(again.is_err_and(|error| error.is_claim_lost()), "it is settled already");
        let late = first.complete(&claim, &outcome("\"late\""), HOUR).await;
        assert!(late.is_err_and(|error| error.is_claim_lost()), "it is nobody's claim any more");
    }
    let call = async |name| {
        let body = async |_| Ok::<_, Failure>(7);
        operation(name).keep_errors().abandoned(Abandoned::Refuse).run(&first, body).await
    };
    assert_eq!(call("rerun").await.expect("it runs again"), Answer::Executed(7));
    assert_eq!(call("completed").await.expect("it is completed"), Answer::Replayed(42));
    assert!(matches!(call("failed").await, Err(Failure::Declined { code: 402 })));
    assert_eq!(record(&second, "completed").await.state, State::Finished(outcome("42")));
}

/// A text that no retry could read is not stored in an operator's name, and the key goes on waiting.
pub async fn a_resolution_that_cannot_be_read_is_refused(backend: &dyn Backend) {
    let [first, second] = two(backend).await;
    let refusing = ClaimRequest { abandoned: Abandoned::Refuse, ..request("order") };
    let claim = acquire_and_lapse(&first, &refusing).await;
    let before = record(&first, "order").await;
    let omitted = crate::Outcome { codec: Codec::Omitted, ..outcome("42") };
    let of_no_version = crate::Outcome { version: 0, ..outcome("42") };
    for outcome in [outcome("r-17"), outcome("{\"amount\":1250"), outcome("42 43"), outcome(""), omitted, of_no_version]
    {
        let resolution = Resolution::Finish { outcome, retention: HOUR };
        let refused = second.resolve(&refusing.key, claim.claim_id, &resolution).await;
        assert!(refused.as_ref().is_err_and(StoreError::is_refused), "{resolution:?}: {refused:?}");
        assert_eq!(record(&first, "order").await, before);
    }
    let outcome = crate::Outcome::value(&42).expect("a number comes back");
    let done = Resolution::Finish { outcome, retention: HOUR };
    second.resolve(&refusing.key, claim.claim_id, &done).await.expect("it can be read");
    let replay = operation("order").run(&first, async |_| Ok::<_, Error>(7)).await;
    assert_eq!(replay.expect("it is done"), Answer::Replayed(42));
}

/// A holder that does not know what it did gives up: at once nobody runs the key, under no policy, until an operator has
/// settled it.
pub async fn an_outcome_that_nobody_knows_waits_for_an_operator(backend: &dyn Backend) {
    let [first, second] = two(backend).await;
    let request = request("order");
    let claim = acquire(&first, &request).await;
    first.abandon(&claim).await.expect("the holder gives up");
    first.abandon(&claim).await.expect("a repetition is answered as the first time");
    for policy in [Abandoned::Rerun, Abandoned::Refuse] {
        let asked = ClaimRequest { abandoned: policy, ..by_another(&request) };
        assert_eq!(ask(&second, &asked).await, ClaimDecision::Abandoned, "{policy:?}");
    }
    let kept = record(&second, "order").await;
    assert!(matches!(kept.state, State::Running { abandoned: Abandoned::Refuse, .. }), "{kept:?}");
    assert_eq!((kept.claim_id, kept.fence, kept.attempts), (Some(claim.claim_id), claim.fence, 1));

    second.resolve(&request.key, claim.claim_id, &Resolution::Rerun).await.expect("it is to be settled");
    // Once more, also where no attempt was left.
    let limited = ClaimRequest { max_attempts: NonZeroU32::new(1), ..by_another(&request) };
    let again = acquire(&second, &limited).await;
    assert_eq!(again.attempt, 2);
    second.release(&again).await.expect("the holder releases");
    let exhausted = ask(&first, &ClaimRequest { claim_id: ClaimId::random(), ..limited }).await;
    assert_eq!(exhausted, ClaimDecision::Exhausted { attempts: 2 });
}

/// A claim that lapsed under `refuse` waits for an operator, also if the operation has been redeployed to rerun since.
pub async fn a_record_that_refuses_is_not_taken_over(backend: &dyn Backend) {
    let [first, second] = two(backend).await;
    let refusing = ClaimRequest { abandoned: Abandoned::Refuse, ..request("order") };
    acquire_and_lapse(&first, &refusing).await;
    let before = record(&first, "order").await;
    assert_eq!(ask(&second, &request("order")).await, ClaimDecision::Abandoned);
    assert_eq!(record(&first, "order").await, before);
}

/// A claim whose lease is live is not settled by anybody but its holder.
pub async fn a_live_claim_cannot_be_resolved(backend: &dyn Backend) {
    let [first, second] = two(backend).await;
    let request = ClaimRequest { abandoned: Abandoned::Refuse, ..request("order") };
    let claim = acquire(&first, &request).await;
    let before = record(&first, "order").await;
    let refused = second.resolve(&request.key, claim.claim_id, &Resolution::Rerun).await;
    assert!(refused.is_err_and(|error| error.is_claim_lost()));
    assert_eq!(record(&first, "order").await, before);
    first.complete(&claim, &outcome("42"), HOUR).await.expect("the holder completes");
}

/// A holder under `refuse` that is gone blocks the key until an operator has settled it, and then the next call runs.
pub async fn lost_holder_then_retry(backend: &dyn Backend) {
    let [first, second] = two(backend).await;
    let started = Arc::new(Notify::new());
    let holder = tokio::spawn({
        let (store, started) = (Arc::clone(&first) as Arc<dyn Store>, Arc::clone(&started));
        async move {
            let body = async |_| {
                started.notify_one();
                std::future::pending::<Result<u8, Error>>().await
            };
            operation("order").abandoned(Abandoned::Refuse).run(&store, body).await
        }
    });
    started.notified().await;
    holder.abort();
    assert!(holder.await.is_err_and(|error| error.is_cancelled()));

    let request = request("order");
    let blocked = ask(&second, &request).await;
    assert!(matches!(blocked, ClaimDecision::InProgress { .. }), "{blocked:?}");
    shorten_lease(&first, "order").await;
    lapse(&second, &request.key).await;
    assert_eq!(ask(&second, &by_another(&request)).await, ClaimDecision::Abandoned);
    let lapsed = record(&second, "order").await.claim_id.expect("it was claimed");
    second.resolve(&request.key, lapsed, &Resolution::Rerun).await.expect("the claim has lapsed");
    let answer = operation("order").run(&second, async |execution| Ok::<_, Error>(execution.attempt())).await;
    assert_eq!(answer.expect("it was settled to run again"), Answer::Executed(2));
}
