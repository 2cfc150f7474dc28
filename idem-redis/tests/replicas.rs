//! `wait_for_replicas`: a write that too few replicas have is an error that may be repeated, and finds itself.

mod common;

use std::time::Duration;

use common::{HOUR, Server, acquire, ask, connection, info, key, outcome, own_prefix, request, say, store_at};
use idem_core::{ClaimDecision, Origin, Store as _};

/// A primary, and a replica that has all of its data.
async fn pair() -> (Server, Server) {
    let primary = Server::start(&["--repl-diskless-sync-delay", "0"]);
    let replica = Server::start(&[]);
    let on = &mut connection(&replica.url()).await;
    let _: () = say(on, &["REPLICAOF", "127.0.0.1", &primary.port().to_string()]).await;
    while info(on, "replication", "master_link_status").await.as_deref() != Some("up") {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let on = &mut connection(&primary.url()).await;
    while info(on, "replication", "slave0").await.is_none_or(|state| !state.contains("state=online")) {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    (primary, replica)
}

#[tokio::test]
#[ignore = "needs a server: cargo xtask test"]
async fn what_was_answered_is_on_the_replica() {
    let (primary, replica) = pair().await;
    let prefix = own_prefix();
    let store = store_at(&primary.url(), &prefix).await.wait_for_replicas(1, Duration::from_secs(3));
    let there = store_at(&replica.url(), &prefix).await;
    for number in 0..200 {
        let claim = acquire(&store, &request(&key(&number))).await;
        let copied = there.lookup(&claim.key).await.expect("a replica reads").expect("it was waited for");
        assert_eq!(copied.record.claim_id, Some(claim.claim_id));
        store.complete(&claim, &outcome("42"), HOUR).await.expect("the claim is held");
        let copied = there.lookup(&claim.key).await.expect("a replica reads").expect("it was waited for");
        assert_eq!(copied.record.state.name(), "completed");
    }
}

#[tokio::test]
#[ignore = "needs a server: cargo xtask test"]
async fn redis_failover_loses_key_is_reported() {
    let (primary, replica) = pair().await;
    let prefix = own_prefix();
    let waiting = store_at(&primary.url(), &prefix).await.wait_for_replicas(1, Duration::from_millis(50));
    let careless = store_at(&primary.url(), &prefix).await;
    replica.signal("-STOP");
    let reported = request(&key("reported"));
    let error = waiting.claim(&reported).await.expect_err("the replica is stopped");
    assert!(error.is_retryable());
    let source = std::error::Error::source(&error).expect("why").to_string();
    assert!(source.contains("0 of 1 replicas"), "{source}");
    // Without the option a claim is acknowledged that no replica has.
    let lost = acquire(&careless, &request(&key("lost"))).await;
    // The primary dies with what it did not send, and the replica takes its place.
    drop(primary);
    replica.signal("-CONT");
    let promoted = store_at(&replica.url(), &prefix).await;
    let on = &mut connection(&replica.url()).await;
    let _: () = say(on, &["REPLICAOF", "NO", "ONE"]).await;
    // What the replica had in its socket it may have by now: the claim is there, or it is gone. Either way the caller who
    // was told of it asks again, and acquires; the other one was told that it holds what may be somebody else's.
    let repeated = acquire(&promoted, &reported).await;
    assert_eq!(repeated.attempt, 1);
    match promoted.lookup(&lost.key).await.expect("an answer") {
        None => assert!(promoted.complete(&lost, &outcome("1"), HOUR).await.is_err_and(|error| error.is_claim_lost())),
        Some(found) => assert_eq!(found.record.claim_id, Some(lost.claim_id)),
    }
}

#[tokio::test]
#[ignore = "needs a server: cargo xtask test"]
async fn a_write_that_was_not_waited_for_finds_itself_when_it_is_repeated() {
    let (primary, replica) = pair().await;
    let store = store_at(&primary.url(), &own_prefix()).await.wait_for_replicas(1, Duration::from_millis(50));
    let request = request(&key("order"));
    replica.signal("-STOP");
    assert!(store.claim(&request).await.is_err_and(|error| error.is_retryable()));
    assert!(store.claim(&request).await.is_err_and(|error| error.is_retryable()), "nor is its repetition there");
    replica.signal("-CONT");
    let claim = loop {
        match store.claim(&request).await {
            Ok(ClaimDecision::Acquired(claim)) => break claim,
            Err(error) if error.is_retryable() => {}
            other => panic!("{other:?}"),
        }
    };
    assert_eq!((claim.origin, claim.attempt), (Origin::Repeated, 1));

    replica.signal("-STOP");
    for _ in 0..2 {
        let completed = store.complete(&claim, &outcome("42"), HOUR).await;
        assert!(completed.is_err_and(|error| error.is_retryable()), "also when it finds itself");
    }
    replica.signal("-CONT");
    while store.complete(&claim, &outcome("42"), HOUR).await.is_err() {}
    assert_eq!(ask(&store, &common::request(&claim.key)).await, ClaimDecision::Replay(outcome("42")));
}
