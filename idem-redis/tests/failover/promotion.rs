//! A Cluster that loses a primary and promotes its replica, under callers who go on calling.

use std::io::Write as _;
use std::time::{Duration, Instant};

use idem_core::{ClaimDecision, StoreError};
use idem_redis::RedisStore;
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::calls::{acquired, claim, complete, outcome};
use crate::cluster::Cluster;
use crate::node::PATIENCE;

/// So many keys are on every primary.
const BEFORE: u32 = 60;
const CALLERS: u32 = 4;
/// Each caller's keys are apart from those of the others.
const EACH: u32 = 1_000_000;
/// How many keys a caller goes through once the failover is over, so that each primary has some of them.
const AFTER: u32 = 30;

#[ignore = "needs a server: cargo xtask test"]
#[tokio::test(flavor = "multi_thread")]
async fn a_cluster_that_fails_over_goes_on_and_replays_what_was_replicated() {
    let mut cluster = Cluster::start();
    let urls = cluster.urls();
    let urls: Vec<_> = urls.iter().map(String::as_str).collect();
    let store = RedisStore::cluster(&urls).await.expect("the Cluster answers");
    for number in 0..BEFORE {
        let held = acquired(claim(&store, number).await);
        complete(&store, &held).await.expect("the Cluster is whole");
    }
    cluster.wait_until_in_step();

    let over = watch::Sender::new(false);
    let mut callers = JoinSet::new();
    for caller in 1..=CALLERS {
        callers.spawn(call(store.clone(), caller * EACH, over.subscribe()));
    }
    let killed = Instant::now();
    cluster.kill_a_primary();
    let mut errors = 0;
    for number in 0..BEFORE {
        let (replayed, failed) = until_answered(|| claim(&store, number)).await;
        assert_eq!(replayed, ClaimDecision::Replay(outcome()), "key {number} was replicated");
        errors += failed;
    }
    let healed = killed.elapsed();
    over.send_replace(true);
    errors += callers.join_all().await.into_iter().sum::<u32>();
    assert_eq!(cluster.primaries(), 3, "a replica leads");
    // Past the capture of the test harness: it is good to know, and nothing to fail for.
    let figure = format!("Cluster failover: every key answered after {healed:.1?}; errors on the way={errors}");
    writeln!(std::io::stdout(), "{figure}").expect("somebody listens");
}

/// Claims and completes key after key, until the failover is over and a while longer; how many errors there were.
async fn call(store: RedisStore, first: u32, over: watch::Receiver<bool>) -> u32 {
    let (mut errors, mut left, mut number) = (0, AFTER, first);
    while left > 0 {
        number += 1;
        left -= u32::from(*over.borrow());
        let (decision, failed) = until_answered(|| claim(&store, number)).await;
        errors += failed;
        // A claim whose acknowledgement was lost stands in the way of the next caller, who is a stranger to it.
        let ClaimDecision::Acquired(held) = decision else { continue };
        match complete(&store, &held).await {
            Ok(()) => {}
            // It had only been on the primary that died.
            Err(error) => {
                assert!(error.is_retryable() || error.is_claim_lost(), "{error:?}");
                errors += 1;
            }
        }
    }
    errors
}

/// Calls until there is an answer, and says how many errors came first. Each must be one that says to try again: where a
/// key lives is the store's business and not its caller's.
async fn until_answered<T, F: Future<Output = Result<T, StoreError>>>(mut ask: impl FnMut() -> F) -> (T, u32) {
    let (began, mut errors) = (Instant::now(), 0);
    loop {
        match ask().await {
            Ok(answer) => return (answer, errors),
            Err(error) => assert!(error.is_retryable() && began.elapsed() < PATIENCE, "{error:?}"),
        }
        errors += 1;
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
