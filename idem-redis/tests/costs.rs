//! What a call costs: one round trip, no command that writes where nothing changes, and none that a large database feels.

mod common;

use std::collections::BTreeMap;
use std::time::Duration;

use common::{HOUR, Server, acquire, ask, connection, fingerprint, info, key, outcome, own_store, request, say};
use idem_core::{Abandoned, Admission, ClaimDecision, ClaimRequest, IssueDecision, Origin, Resolution, Store as _};
use idem_redis::RedisStore;
use redis::aio::MultiplexedConnection;

const LAPSES: Duration = Duration::from_millis(1);

/// How often each command was called, those inside of scripts among them.
async fn calls(on: &mut MultiplexedConnection) -> BTreeMap<String, u64> {
    let text: String = say(on, &["INFO", "commandstats"]).await;
    let counted = text.lines().filter_map(|line| {
        let (name, rest) = line.strip_prefix("cmdstat_")?.split_once(":calls=")?;
        Some((name.to_owned(), rest.split(',').next()?.parse().ok()?))
    });
    counted.collect()
}

async fn round_trips(on: &mut MultiplexedConnection) -> u64 {
    let calls = calls(on).await;
    ["evalsha", "eval"].iter().filter_map(|name| calls.get(*name)).sum()
}

/// Runs a call, and says how many round trips it took.
async fn cost<T>(on: &mut MultiplexedConnection, call: impl Future<Output = T>) -> (T, u64) {
    let before = round_trips(on).await;
    let answer = call.await;
    (answer, round_trips(on).await - before)
}

/// A store whose scripts the server knows.
async fn warm(server: &Server) -> RedisStore {
    let (store, _) = own_store(&server.url()).await;
    every_call(&store).await;
    store
}

async fn every_call(store: &RedisStore) {
    let key = key(&("warm", 1));
    assert_eq!(store.issue(&key, HOUR).await.expect("an answer"), IssueDecision::Issued);
    let claim = acquire(store, &request(&key)).await;
    store.extend(&claim, HOUR).await.expect("the claim is held");
    store.release(&claim).await.expect("the claim is held");
    let claim = acquire(store, &request(&key)).await;
    store.complete(&claim, &outcome("1"), LAPSES).await.expect("the claim is held");
    while store.purge_expired(10).await.expect("an answer") == 0 {}
    assert_eq!(store.lookup(&key).await.expect("an answer"), None);
}

#[tokio::test]
#[ignore = "needs a server: cargo xtask test"]
async fn a_call_is_one_round_trip_and_a_takeover_two() {
    let server = Server::start(&[]);
    let store = warm(&server).await;
    let on = &mut connection(&server.url()).await;

    let first = ClaimRequest { lease: LAPSES, ..request(&key("order")) };
    let (claim, trips) = cost(on, acquire(&store, &first)).await;
    assert_eq!(trips, 1, "a first call");
    let second = request(&first.key);
    while !matches!(store.lookup(&first.key).await, Ok(Some(seen)) if seen.now > seen.record.updated_at + LAPSES) {}
    let (taken, trips) = cost(on, acquire(&store, &second)).await;
    assert_eq!((taken.origin, trips), (Origin::Takeover, 2));
    assert!(taken.fence > claim.fence);

    let other = request(&first.key);
    let (answer, trips) = cost(on, ask(&store, &other)).await;
    assert!(matches!(answer, ClaimDecision::InProgress { .. }) && trips == 1, "{answer:?} in {trips}");
    assert_eq!(cost(on, store.extend(&taken, HOUR)).await.1, 1);
    assert_eq!(cost(on, store.complete(&taken, &outcome("42"), HOUR)).await.1, 1);
    let (answer, trips) = cost(on, ask(&store, &other)).await;
    assert_eq!((answer, trips), (ClaimDecision::Replay(outcome("42")), 1));
    let mistaken = ClaimRequest { fingerprint: Some(fingerprint(2)), ..other };
    assert_eq!(cost(on, ask(&store, &mistaken)).await, (ClaimDecision::Mismatch, 1));
    assert_eq!(cost(on, store.lookup(&first.key)).await.1, 1);

    let ticket = key("token");
    assert_eq!(cost(on, store.issue(&ticket, HOUR)).await.1, 1);
    let with_token = ClaimRequest { admission: Admission::IssuedOnly, ..request(&ticket) };
    let (claim, trips) = cost(on, acquire(&store, &with_token)).await;
    assert_eq!((claim.attempt, trips), (1, 1), "a first call with a token");
    assert_eq!(cost(on, store.release(&claim)).await.1, 1);
    let unknown = ClaimRequest { admission: Admission::IssuedOnly, ..request(&key("unknown")) };
    assert_eq!(cost(on, ask(&store, &unknown)).await, (ClaimDecision::NotIssued, 1));
}

#[tokio::test]
#[ignore = "needs a server: cargo xtask test"]
async fn a_duplicate_runs_no_command_that_writes() {
    let server = Server::start(&[]);
    let store = warm(&server).await;
    common::finish(&store, &key("done"), "42").await;
    acquire(&store, &request(&key("running"))).await;
    acquire(&store, &ClaimRequest { lease: LAPSES, abandoned: Abandoned::Refuse, ..request(&key("refused")) }).await;
    let on = &mut connection(&server.url()).await;
    // This one must be lapsed before the duplicates come, and nobody may take it over.
    while !matches!(store.lookup(&key("refused")).await, Ok(Some(seen)) if seen.now > seen.record.updated_at + LAPSES) {
    }

    let before = (info(on, "persistence", "rdb_changes_since_last_save").await, writes(on).await);
    for _ in 0..100 {
        for name in ["done", "running"] {
            ask(&store, &request(&key(name))).await;
            let mistaken = ClaimRequest { fingerprint: Some(fingerprint(2)), ..request(&key(name)) };
            assert_eq!(ask(&store, &mistaken).await, ClaimDecision::Mismatch);
        }
        let refusing = ClaimRequest { abandoned: Abandoned::Refuse, ..request(&key("refused")) };
        assert_eq!(ask(&store, &refusing).await, ClaimDecision::Abandoned);
        let unknown = ClaimRequest { admission: Admission::IssuedOnly, ..request(&key("unknown")) };
        assert_eq!(ask(&store, &unknown).await, ClaimDecision::NotIssued);
        assert_eq!(store.issue(&key("done"), HOUR).await.expect("an answer"), IssueDecision::Taken);
    }
    assert_eq!((info(on, "persistence", "rdb_changes_since_last_save").await, writes(on).await), before);
}

/// How often anything was called that writes.
async fn writes(on: &mut MultiplexedConnection) -> u64 {
    let calls = calls(on).await;
    ["hset", "hdel", "del", "pexpireat", "persist"].iter().filter_map(|name| calls.get(*name)).sum()
}

#[tokio::test]
#[ignore = "needs a server: cargo xtask test"]
async fn nothing_runs_that_a_large_database_feels() {
    let server = Server::start(&[]);
    let store = warm(&server).await;
    let on = &mut connection(&server.url()).await;
    let _: () = say(on, &["CONFIG", "RESETSTAT"]).await;
    every_call(&store).await;
    let lapsed = ClaimRequest { lease: LAPSES, ..request(&key("lapsed")) };
    let claim = acquire(&store, &lapsed).await;
    while store.resolve(&claim.key, claim.claim_id, &Resolution::Rerun).await.is_err() {}
    // `SCAN` is the purge's.
    let expected = [
        "config|resetstat",
        "del",
        "evalsha",
        "exists",
        "hdel",
        "hmget",
        "hset",
        "pexpireat",
        "scan",
        "spublish",
        "time",
    ];
    let called: Vec<_> = calls(on).await.into_keys().filter(|name| name != "info").collect();
    assert_eq!(called, expected);
}
