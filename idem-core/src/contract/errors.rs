//! What becomes of an error: of the body, and of the store.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::{Answer, Error, OutcomeKind, State, Store};

use super::support::{Executions, Failure, LONG, acquire, becomes, faulty, operation, record, request, two};
use super::{Backend, Fault, Method};

/// By default an error releases the claim: the caller gets it as it is, and the next call runs.
pub async fn error_releases_claim_by_default(backend: &dyn Backend) {
    let [first, second] = two(backend).await;
    let failed = operation("order").run(&first, async |_| Err::<u8, _>(Failure::Declined { code: 402 })).await;
    assert!(matches!(failed, Err(Failure::Declined { code: 402 })), "{failed:?}");
    assert_eq!(record(&second, "order").await.state, State::Released);
    let answer = operation("order").run(&second, async |execution| Ok::<_, Failure>(execution.attempt())).await;
    assert_eq!(answer.expect("the key is free"), Answer::Executed(2));

    // The error of the body is what the caller gets, also where releasing fails.
    let store = faulty(backend).await;
    store.plan(Method::Release, [Fault::Refuses]);
    let failed = operation("refused").run(&store, async |_| Err::<u8, _>(Failure::Busy)).await;
    assert!(matches!(failed, Err(Failure::Busy)), "{failed:?}");
    store.plan(Method::Release, [Fault::Fails, Fault::LosesAcknowledgement]);
    let failed = operation("failed").run(&store, async |_| Err::<u8, _>(Failure::Busy)).await;
    assert!(matches!(failed, Err(Failure::Busy)), "{failed:?}");
    becomes(&store, "failed", "released").await;

    // A store that does not answer keeps nobody from its error for as long as a lease.
    store.plan(Method::Release, [Fault::Hangs]);
    let call = operation("hangs").run(&store, async |_| Err::<u8, _>(Failure::Busy));
    let failed = tokio::time::timeout(LONG / 2, call).await.expect("the caller gets its error");
    assert!(matches!(failed, Err(Failure::Busy)), "{failed:?}");
    becomes(&store, "hangs", "released").await;
}

fn is_permanent(failure: &Failure) -> bool {
    matches!(failure, Failure::Declined { .. })
}

/// An error that the policy keeps is replayed, and the body does not run again.
pub async fn error_stored_when_classified_permanent(backend: &dyn Backend) {
    let [first, second] = two(backend).await;
    let executions = Executions::default();
    let call = async |store| {
        let body = async |_| {
            executions.add();
            Err::<u8, _>(Failure::Declined { code: 402 })
        };
        operation("order").keep_errors_if(is_permanent).run(store, body).await
    };
    for store in [&first, &second, &first] {
        let failed = call(store).await;
        assert!(matches!(failed, Err(Failure::Declined { code: 402 })), "{failed:?}");
    }
    assert_eq!(executions.count(), 1);
    let record = record(&second, "order").await;
    assert!(matches!(&record.state, State::Finished(outcome) if outcome.kind == OutcomeKind::Error));
    assert_eq!(record.state.name(), "failed");
}

/// An error by which a body passes on that a call inside it was refused is not kept, whatever the policy says: it is over when
/// the other call has ended.
pub async fn why_an_inner_call_was_refused_is_not_kept(backend: &dyn Backend) {
    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    enum Refused {
        Inner,
        Own,
    }

    impl From<Error> for Refused {
        fn from(_: Error) -> Self {
            Self::Inner
        }
    }

    let [first, second] = two(backend).await;
    let running = acquire(&first, &request("inner")).await;
    let outer = async |store: &Arc<dyn Store>, name: &str, goes_on| {
        let body = async |_| {
            let inner = operation("inner").run(store, async |_| Ok::<_, Refused>(1)).await;
            if goes_on {
                assert!(inner.is_err());
                tokio::task::yield_now().await;
                return Err(Refused::Own);
            }
            Ok(inner?.into_inner())
        };
        operation(name).keep_errors().run(store, body).await
    };
    for store in [&first, &second] {
        assert_eq!(outer(store, "outer", false).await, Err(Refused::Inner));
        assert_eq!(record(store, "outer").await.state, State::Released);
    }
    assert_eq!(outer(&first, "goes on", true).await, Err(Refused::Own));
    assert_eq!(record(&second, "goes on").await.state.name(), "failed", "it ended by itself");

    first.release(&running).await.expect("it is held");
    assert_eq!(outer(&second, "outer", false).await, Ok(Answer::Executed(1)));
    assert_eq!(outer(&first, "goes on", true).await, Err(Refused::Own), "replayed");
}

/// An error that the policy does not keep is not stored, and the next call runs.
pub async fn transient_error_never_stored(backend: &dyn Backend) {
    let [first, second] = two(backend).await;
    let call = async |store, answer: Result<u8, Failure>| {
        operation("order").keep_errors_if(is_permanent).run(store, async |_| answer).await
    };
    for attempt in 1..=3 {
        let failed = call(&first, Err(Failure::Busy)).await;
        assert!(matches!(failed, Err(Failure::Busy)), "{failed:?}");
        let record = record(&second, "order").await;
        assert_eq!((record.state, record.attempts), (State::Released, attempt));
    }
    assert_eq!(call(&second, Ok(1)).await.expect("the key is free"), Answer::Executed(1));
    assert_eq!(call(&first, Err(Failure::Busy)).await.expect("it is completed"), Answer::Replayed(1));
}

/// A policy that keeps all errors replays each one as it was.
pub async fn store_all_errors_preset(backend: &dyn Backend) {
    let [first, second] = two(backend).await;
    let call = async |store: &Arc<dyn Store>, name, failure| {
        operation(name).keep_errors().run(store, async |_| Err::<u8, _>(failure)).await
    };
    assert!(matches!(call(&first, "busy", Failure::Busy).await, Err(Failure::Busy)));
    assert!(matches!(call(&second, "busy", Failure::Declined { code: 1 }).await, Err(Failure::Busy)));
    assert!(matches!(
        call(&first, "declined", Failure::Declined { code: 500 }).await,
        Err(Failure::Declined { code: 500 })
    ));
    assert!(matches!(call(&second, "declined", Failure::Busy).await, Err(Failure::Declined { code: 500 })));
}

/// A claim that fails is no claim: the body does not run, and the error says whether to try again.
pub async fn claim_failure_fail_closed(backend: &dyn Backend) {
    for (fault, is_retryable) in [(Fault::Fails, true), (Fault::Refuses, false)] {
        let store = faulty(backend).await;
        store.always(Method::Claim, fault);
        let executions = Executions::default();
        let call = async || operation("order").run(&store, async |_| Ok::<_, Error>(executions.add())).await;
        let error = call().await.expect_err("the store does not answer");
        assert!(error.store_error().is_some());
        assert_eq!(error.is_retryable(), is_retryable, "{error}");
        assert_eq!(executions.count(), 0);
    }
}

/// A failure to read an outcome is the store's error, typed as such: it is no reason to run the body again.
pub async fn get_failure(backend: &dyn Backend) {
    let store = faulty(backend).await;
    let executions = Executions::default();
    let call = async || operation("order").run(&store, async |_| Ok::<_, Error>(executions.add())).await;
    call().await.expect("the body runs");
    let before = record(&store, "order").await;
    store.partition();
    let error = call().await.expect_err("the store does not answer");
    assert!(error.is_retryable() && error.store_error().is_some_and(crate::StoreError::is_retryable), "{error}");
    store.heal();
    assert_eq!(record(&store, "order").await, before);
    assert_eq!(call().await.expect("there is an outcome"), Answer::Replayed(1));
    assert_eq!(executions.count(), 1);
}

/// A claim that fails is repeated a few times, not for ever, and then ends in a typed error.
pub async fn bounded_internal_retries(backend: &dyn Backend) {
    let store = faulty(backend).await;
    store.always(Method::Claim, Fault::Fails);
    let error = operation("order").run(&store, async |_| Ok::<_, Error>(42)).await.expect_err("the store is away");
    assert!(error.is_retryable() && error.store_error().is_some(), "{error}");
    let calls = store.calls(Method::Claim);
    assert!((2..=5).contains(&calls), "{calls} claims");

    store.heal();
    store.plan(Method::Claim, [Fault::Fails]);
    let answer = operation("order").run(&store, async |_| Ok::<_, Error>(42)).await;
    assert_eq!(answer.expect("the store came back in time"), Answer::Executed(42));
}

/// A claim that the store will not take now has taken no effect: it is not repeated for long, nothing is released, and the
/// error says that the same call may succeed later.
pub async fn claim_that_the_store_will_not_take_now(backend: &dyn Backend) {
    let store = faulty(backend).await;
    store.always(Method::Claim, Fault::NotNow);
    let error = operation("order").run(&store, async |_| Ok::<_, Error>(42)).await.expect_err("the store is full");
    assert!(error.is_retryable() && error.store_error().is_some_and(|error| !error.is_ambiguous()), "{error}");
    assert!(store.calls(Method::Claim) <= 3, "{store:?}");

    store.heal();
    store.plan(Method::Claim, [Fault::NotNow]);
    let answer = operation("order").run(&store, async |execution| Ok::<_, Error>(execution.attempt())).await;
    assert_eq!(answer.expect("it was answered at once, and passed"), Answer::Executed(1));
    assert_eq!(store.calls(Method::Release), 0);
}
