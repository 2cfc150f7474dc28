//! A primary that dies before its replica has what it acknowledged.

use std::time::Duration;

use idem_core::ClaimDecision;

use crate::calls::{acquired, claim, complete, connect, outcome, told};
use crate::pair::Pair;

/// How long a replica that answers has to: the longest that a store waits.
const PROMPT: Duration = Duration::from_secs(3);
/// How long one that does not is waited for.
const BRIEF: Duration = Duration::from_millis(200);

/// At least once, and no more: without `WAIT` two callers hold the claim of one key, each with the server's word for it.
#[ignore = "needs a server: cargo xtask test"]
#[tokio::test(flavor = "multi_thread")]
async fn redis_failover_loses_key_is_reported() {
    let pair = Pair::start().await;
    let before = connect(&pair.primary.url()).await;
    pair.link.hold();
    let first = acquired(claim(&before, 1).await);

    let promoted = pair.fail_over();
    let after = connect(&promoted.url()).await;
    let second = acquired(claim(&after, 1).await);
    assert_ne!(first.claim_id, second.claim_id);
    assert_eq!(second.attempt, 1, "nothing is left that could tell of the first");
}

#[ignore = "needs a server: cargo xtask test"]
#[tokio::test(flavor = "multi_thread")]
async fn a_claim_that_no_replica_acknowledges_is_an_error_and_runs_nothing() {
    let pair = Pair::start().await;
    let before = connect(&pair.primary.url()).await.wait_for_replicas(1, BRIEF);
    pair.link.hold();
    let error = claim(&before, 1).await.expect_err("the replica cannot acknowledge it");
    assert!(error.is_retryable() && told(&error).contains("0 of 1 replicas had the write"), "{}", told(&error));

    let promoted = pair.fail_over();
    let after = connect(&promoted.url()).await;
    acquired(claim(&after, 1).await);
}

#[ignore = "needs a server: cargo xtask test"]
#[tokio::test(flavor = "multi_thread")]
async fn an_outcome_that_no_replica_acknowledges_is_an_error() {
    let pair = Pair::start().await;
    let store = connect(&pair.primary.url()).await;
    let held = acquired(claim(&store.clone().wait_for_replicas(1, PROMPT), 1).await);
    pair.link.hold();
    let error =
        complete(&store.wait_for_replicas(1, BRIEF), &held).await.expect_err("the replica cannot acknowledge it");
    assert!(error.is_retryable() && told(&error).contains("0 of 1 replicas had the write"), "{}", told(&error));
}

#[ignore = "needs a server: cargo xtask test"]
#[tokio::test(flavor = "multi_thread")]
async fn what_a_replica_has_acknowledged_outlives_the_primary() {
    let pair = Pair::start().await;
    let before = connect(&pair.primary.url()).await.wait_for_replicas(1, PROMPT);
    acquired(claim(&before, 1).await);
    let done = acquired(claim(&before, 2).await);
    complete(&before, &done).await.expect("the replica acknowledges it");

    let promoted = pair.fail_over();
    let after = connect(&promoted.url()).await;
    let running = claim(&after, 1).await.expect("the replica leads");
    assert!(matches!(running, ClaimDecision::InProgress { .. }), "{running:?}");
    assert_eq!(claim(&after, 2).await.expect("the replica leads"), ClaimDecision::Replay(outcome()));
}
