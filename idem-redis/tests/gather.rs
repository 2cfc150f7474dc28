//! Commands of many callers go to the server together, and each caller is answered as if it were alone.

mod common;

use std::pin::{Pin, pin};
use std::task::Poll;
use std::time::Duration;

use common::{Server, acquire, ask, connection, finish, info, key, outcome, own_store, request};
use futures_util::future::{join_all, poll_fn};
use idem_core::{ClaimDecision, Store as _};
use idem_redis::RedisStore;
use redis::aio::MultiplexedConnection;

const CALLERS: usize = 64;

/// Polls a call once, which leaves its command to be sent. The server is stopped.
async fn begin<T>(mut call: Pin<&mut impl Future<Output = T>>) {
    let answered = poll_fn(|context| Poll::Ready(call.as_mut().poll(context).is_ready())).await;
    assert!(!answered, "nobody can have answered");
}

async fn reads(on: &mut MultiplexedConnection) -> usize {
    let reads = info(on, "stats", "total_reads_processed").await;
    reads.expect("the server counts them").parse().expect("a number")
}

#[tokio::test]
#[ignore = "needs a server: cargo xtask test"]
async fn many_callers_are_answered_each_for_itself_and_sent_together() {
    let server = Server::start(&[]);
    let (store, _) = own_store(&server.url()).await;
    let on = &mut connection(&server.url()).await;
    finish(&store, &key("warm"), "1").await;

    let before = reads(on).await;
    let claims = join_all((0..CALLERS).map(|number| acquire_number(&store, number))).await;
    let sent = reads(on).await - before;
    assert!(sent < CALLERS / 2, "{CALLERS} claims were read in {sent} pieces");
    for (number, claim) in claims.iter().enumerate() {
        assert_eq!((&claim.key, claim.attempt), (&key(&number), 1));
    }

    let outcomes = (0..CALLERS).map(|number| outcome(&format!("\"{number}\"")));
    let completions = claims.iter().zip(outcomes).map(|(claim, outcome)| {
        let store = &store;
        async move { store.complete(claim, &outcome, common::HOUR).await }
    });
    for completed in join_all(completions).await {
        completed.expect("the claim is held");
    }
    let replays = (0..CALLERS).map(|number| {
        let store = &store;
        async move { ask(store, &request(&key(&number))).await }
    });
    for (number, replayed) in join_all(replays).await.into_iter().enumerate() {
        assert_eq!(replayed, ClaimDecision::Replay(outcome(&format!("\"{number}\""))));
    }
}

async fn acquire_number(store: &RedisStore, number: usize) -> idem_core::Claim {
    acquire(store, &request(&key(&number))).await
}

/// Whatever the server says to one of them is said to nobody else.
#[tokio::test]
#[ignore = "needs a server: cargo xtask test"]
async fn an_error_among_many_is_one_callers() {
    let server = Server::start(&[]);
    let (store, prefix) = own_store(&server.url()).await;
    let on = &mut connection(&server.url()).await;
    let _: () = common::say(on, &["SET", &common::name(&prefix, &key(&7)), "42"]).await;
    // The server does not know the scripts yet, and each caller has to say them.
    let claims = (0..CALLERS).map(|number| {
        let store = &store;
        async move { store.claim(&request(&key(&number))).await }
    });
    for (number, claimed) in join_all(claims).await.into_iter().enumerate() {
        match claimed {
            Ok(ClaimDecision::Acquired(claim)) => assert_eq!(claim.key, key(&number)),
            Err(error) if number == 7 => assert!(error.is_corrupt() && error.code() == Some("WRONGTYPE"), "{error}"),
            other => panic!("{number}: {other:?}"),
        }
    }
}

/// Callers who ask together have limits of their own: one that ends soon does not wait for the others, nor end them.
#[tokio::test]
#[ignore = "needs a server: cargo xtask test"]
async fn a_call_with_a_short_limit_does_not_wait_for_one_with_a_long_limit() {
    let server = Server::start(&[]);
    let long = own_store(&server.url()).await.0.time_limit(Duration::from_secs(20));
    let short = long.clone().time_limit(Duration::from_millis(200));
    finish(&long, &key("warm"), "1").await;
    server.signal("-STOP");
    let look = |store: &RedisStore| {
        let store = store.clone();
        tokio::spawn(async move { store.lookup(&key("warm")).await })
    };
    let asked: Vec<_> = (0..CALLERS).map(|_| (look(&short), look(&long))).collect();
    let (soon, late): (Vec<_>, Vec<_>) = asked.into_iter().unzip();
    for answer in join_all(soon).await {
        let error = answer.expect("it does not panic").expect_err("the server is stopped");
        assert!(error.is_ambiguous(), "{error}");
    }
    server.signal("-CONT");
    for answer in join_all(late).await {
        let found = answer.expect("it does not panic").expect("the limit is not over");
        assert!(found.is_some());
    }
}

#[tokio::test]
#[ignore = "needs a server: cargo xtask test"]
async fn a_caller_that_is_dropped_takes_nobody_along() {
    let server = Server::start(&[]);
    let (store, _) = own_store(&server.url()).await;
    finish(&store, &key("warm"), "1").await;
    server.signal("-STOP");
    let requests = ["alone", "dropped", "other"].map(|name| request(&key(name)));
    let mut alone = pin!(store.claim(&requests[0]));
    let mut dropped = Box::pin(store.claim(&requests[1]));
    let mut other = pin!(store.claim(&requests[2]));
    begin(alone.as_mut()).await;
    begin(dropped.as_mut()).await;
    begin(other.as_mut()).await;
    drop(dropped);
    server.signal("-CONT");
    assert!(matches!(other.await, Ok(ClaimDecision::Acquired(_))));
    assert!(matches!(alone.await, Ok(ClaimDecision::Acquired(_))));
}

#[test]
#[ignore = "needs a server: cargo xtask test"]
fn a_runtime_that_is_blocked_holds_up_no_other() {
    let runtime = || tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    // The connection belongs to one that goes on by itself.
    let serving = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build();
    let serving = serving.expect("a runtime");
    let (blocked, free) = (runtime(), runtime());
    let server = Server::start(&[]);
    let (store, _) = serving.block_on(own_store(&server.url()));
    serving.block_on(finish(&store, &key("warm"), "1"));
    server.signal("-STOP");
    let requests = ["alone", "blocked", "free"].map(|name| request(&key(name)));
    let mut alone = pin!(store.claim(&requests[0]));
    let mut held = pin!(store.claim(&requests[1]));
    blocked.block_on(async {
        begin(alone.as_mut()).await;
        begin(held.as_mut()).await;
    });
    server.signal("-CONT");
    // Nothing runs there now, as if a body blocked it.
    let claimed = free.block_on(store.claim(&requests[2]));
    assert!(matches!(claimed, Ok(ClaimDecision::Acquired(_))), "{claimed:?}");
    let claimed = blocked.block_on(held);
    assert!(matches!(claimed, Ok(ClaimDecision::Acquired(_))), "{claimed:?}");
}
