//! Outcomes that are too large are not stored, and their calls are done all the same.

use crate::{Answer, Codec, Error, OutcomeLimit, State};

use super::Backend;
use super::support::{Executions, operation, record, two};

/// Under the policy `error` the first caller learns that the outcome was too large, and a retry that the call is done.
pub async fn result_over_limit_policy_error(backend: &dyn Backend) {
    let [first, second] = two(backend).await;
    let executions = Executions::default();
    let call = async |store| {
        let limited = operation("order").outcome_limit(OutcomeLimit::error(8));
        limited.run(store, async |_| Ok::<_, Error>(format!("{} is too large", executions.add()))).await
    };
    let error = call(&first).await.expect_err("the outcome is over the limit");
    assert!(error.is_outcome_too_large() && !error.is_retryable(), "{error}");
    is_done_without_outcome(&second, "order").await;
    let error = call(&second).await.expect_err("there is no outcome to replay");
    assert!(error.is_completed_without_outcome() && !error.is_retryable(), "{error}");
    assert_eq!(executions.count(), 1);
}

/// Under the policy `marker` the first caller gets the value, and a retry learns that the call is done.
pub async fn result_over_limit_policy_marker(backend: &dyn Backend) {
    let [first, second] = two(backend).await;
    let executions = Executions::default();
    let call = async |store, length| {
        let limited = operation(&length).outcome_limit(OutcomeLimit::marker(16));
        let body = async |_| {
            executions.add();
            Ok::<_, Error>("x".repeat(length))
        };
        limited.run(store, body).await
    };
    // The text has two quotes, so that 14 characters are just within the limit.
    assert_eq!(call(&first, 14).await.expect("it is within the limit"), Answer::Executed("x".repeat(14)));
    assert_eq!(call(&second, 14).await.expect("it is stored"), Answer::Replayed("x".repeat(14)));
    assert_eq!(call(&first, 15).await.expect("the first caller gets it"), Answer::Executed("x".repeat(15)));
    is_done_without_outcome(&second, &15_usize).await;
    let error = call(&second, 15).await.expect_err("there is no outcome to replay");
    assert!(error.is_completed_without_outcome() && !error.is_retryable(), "{error}");
    assert_eq!(executions.count(), 2);
}

async fn is_done_without_outcome<K: crate::IntoKey + ?Sized>(store: &std::sync::Arc<dyn crate::Store>, name: &K) {
    let State::Finished(outcome) = record(store, name).await.state else { panic!("the call is done") };
    assert_eq!((outcome.codec, &*outcome.text), (Codec::Omitted, ""));
}
