//! Who may claim at all: attempts that are limited, and keys that must have been issued.

use crate::{Admission, Answer, ClaimDecision, ClaimRequest, Error, State};

use super::Backend;
use super::support::{
    Executions, HOUR, SHORT, acquire, acquire_and_lapse, ask, by_another, expire, found, operation, outcome, record,
    request, two,
};

/// After so many attempts without an outcome, released or lapsed, nobody runs again, and the record stays as it is.
pub async fn exhausted_after_max_attempts(backend: &dyn Backend) {
    let [first, second] = two(backend).await;
    let executions = Executions::default();
    let call = async |store| {
        let body = async |_| {
            executions.add();
            Err::<u8, _>(Error::misuse("the body fails"))
        };
        operation("order").max_attempts(3).run(store, body).await.expect_err("every attempt fails")
    };
    for store in [&first, &second, &first] {
        assert!(call(store).await.is_misuse());
    }
    let before = record(&first, "order").await;
    let error = call(&second).await;
    assert!(error.is_exhausted() && !error.is_retryable(), "{error}");
    assert_eq!((executions.count(), before.attempts, &before.state), (3, 3, &State::Released));
    assert_eq!(record(&first, "order").await, before);

    let twice = ClaimRequest { max_attempts: std::num::NonZeroU32::new(2), ..request("lapses") };
    acquire_and_lapse(&first, &twice).await;
    acquire_and_lapse(&second, &by_another(&twice)).await;
    assert_eq!(ask(&first, &by_another(&twice)).await, ClaimDecision::Exhausted { attempts: 2 });
}

/// Attempts are limited, outcomes are not: a completed key replays whatever its attempts, and a claim in flight blocks.
pub async fn max_attempts_does_not_hide_an_outcome(backend: &dyn Backend) {
    let store = backend.store().await;
    let once = ClaimRequest { max_attempts: std::num::NonZeroU32::new(1), ..request("order") };
    let claim = acquire(&store, &once).await;
    let blocked = ask(&store, &by_another(&once)).await;
    assert!(matches!(blocked, ClaimDecision::InProgress { .. }), "{blocked:?}");
    store.complete(&claim, &outcome("42"), HOUR).await.expect("the holder completes");
    assert_eq!(ask(&store, &by_another(&once)).await, ClaimDecision::Replay(outcome("42")));

    let answer = operation("succeeds at last").max_attempts(1).run(&store, async |_| Ok::<_, Error>(1)).await;
    assert_eq!(answer.expect("one attempt is allowed"), Answer::Executed(1));
}

/// A request that needs an issued token creates nothing where there is none: not for a forged one, nor an expired one.
pub async fn unissued_token_creates_no_record(backend: &dyn Backend) {
    let [first, second] = two(backend).await;
    let token = ClaimRequest { admission: Admission::IssuedOnly, ..request("forged") };
    for store in [&first, &second] {
        assert_eq!(ask(store, &token).await, ClaimDecision::NotIssued);
        assert!(found(store, &token.key).await.is_none());
    }

    let used = request("used");
    let claim = acquire(&first, &used).await;
    first.complete(&claim, &outcome("42"), SHORT).await.expect("the holder completes");
    expire(&first, &used.key).await;
    let before = found(&first, &used.key).await;
    let token = ClaimRequest { admission: Admission::IssuedOnly, ..by_another(&used) };
    assert_eq!(ask(&second, &token).await, ClaimDecision::NotIssued);
    assert_eq!(found(&first, &used.key).await, before);
}

/// A request that needs an issued token finds a key that is in use like any other request does.
pub async fn a_used_token_is_an_ordinary_key(backend: &dyn Backend) {
    let [first, second] = two(backend).await;
    let claim = acquire(&first, &request("order")).await;
    let token = ClaimRequest { admission: Admission::IssuedOnly, ..request("order") };
    let blocked = ask(&second, &token).await;
    assert!(matches!(blocked, ClaimDecision::InProgress { .. }), "{blocked:?}");
    first.release(&claim).await.expect("the holder releases");
    let claim = acquire(&second, &token).await;
    second.complete(&claim, &outcome("42"), HOUR).await.expect("the holder completes");
    assert_eq!(ask(&first, &by_another(&token)).await, ClaimDecision::Replay(outcome("42")));
}
