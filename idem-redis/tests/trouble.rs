//! What becomes of calls when the server forgets, hangs, restarts, is full, or will not.

mod common;

use std::cell::Cell;
use std::error::Error as _;
use std::time::Duration;

use common::{HOUR, Server, acquire, ask, connection, finish, key, outcome, own_store, request, say};
use idem_core::{ClaimDecision, Origin, Store as _, StoreError};
use idem_redis::RedisStore;
use redis::{ErrorKind, RedisError, ServerErrorKind};

/// What Redis said.
fn cause(error: &StoreError) -> &RedisError {
    let source = error.source().and_then(|source| source.downcast_ref());
    source.unwrap_or_else(|| panic!("{error:?}"))
}

fn is_loading(error: &StoreError) -> bool {
    let said: Option<&RedisError> = error.source().and_then(|source| source.downcast_ref());
    said.is_some_and(|error| error.kind() == ErrorKind::Server(ServerErrorKind::BusyLoading))
}

/// Repeats a call for as long as its error says that it may be repeated.
async fn until_answered<T>(call: impl AsyncFn() -> Result<T, StoreError>) -> T {
    loop {
        match call().await {
            Ok(answer) => return answer,
            Err(error) => assert!(error.is_retryable(), "{error:?}"),
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

#[tokio::test]
#[ignore = "needs a server: cargo xtask test"]
async fn a_server_that_forgot_the_scripts_is_told_them_again() {
    let server = Server::start(&[]);
    let (store, _) = own_store(&server.url()).await;
    let on = &mut connection(&server.url()).await;
    let mut forget = async || say::<()>(on, &["SCRIPT", "FLUSH"]).await;
    forget().await;
    let claim = acquire(&store, &request(&key("order"))).await;
    forget().await;
    store.extend(&claim, HOUR).await.expect("the claim is held");
    forget().await;
    store.complete(&claim, &outcome("42"), HOUR).await.expect("the claim is held");
    forget().await;
    assert_eq!(ask(&store, &request(&claim.key)).await, ClaimDecision::Replay(outcome("42")));
    forget().await;
    assert!(store.lookup(&claim.key).await.expect("an answer").is_some());
    forget().await;
    store.purge_expired(10).await.expect("an answer");
}

#[tokio::test]
#[ignore = "needs a server: cargo xtask test"]
async fn a_restarted_server_is_connected_to_again_and_has_kept_the_records() {
    let options = ["--appendonly", "yes", "--appendfsync", "always"];
    let mut server = Server::start(&options);
    let (store, _) = own_store(&server.url()).await;
    let running = acquire(&store, &request(&key("running"))).await;
    finish(&store, &key("done"), "42").await;
    server.kill();
    let error = store.lookup(&running.key).await.expect_err("the server is gone");
    assert!(error.is_retryable(), "{error:?}");
    server.start_again(&options);
    let replayed = until_answered(async || store.claim(&request(&key("done"))).await).await;
    assert_eq!(replayed, ClaimDecision::Replay(outcome("42")));
    store.complete(&running, &outcome("43"), HOUR).await.expect("the claim is held");
}

/// The call ends though the server does not answer, and what it sent takes effect when the server goes on.
#[tokio::test]
#[ignore = "needs a server: cargo xtask test"]
async fn a_server_that_hangs_is_not_waited_for() {
    let server = Server::start(&[]);
    let (store, _) = own_store(&server.url()).await;
    finish(&store, &key("warm"), "1").await;
    let request = request(&key("order"));
    server.signal("-STOP");
    let error = store.claim(&request).await.expect_err("the server is stopped");
    server.signal("-CONT");
    assert!(error.is_retryable(), "{error:?}");
    let ClaimDecision::Acquired(claim) = until_answered(async || store.claim(&request).await).await else {
        panic!("nobody else claims it")
    };
    assert_eq!((claim.origin, claim.attempt), (Origin::Repeated, 1));
}

/// After a failover the old primary is a replica: it refuses writes, and if it is told to, reads.
#[tokio::test]
#[ignore = "needs a server: cargo xtask test"]
async fn a_primary_that_became_a_replica_is_unavailable() {
    let server = Server::start(&[]);
    let (store, _) = own_store(&server.url()).await;
    finish(&store, &key("done"), "42").await;
    let on = &mut connection(&server.url()).await;
    let _: () = say(on, &["REPLICAOF", "127.0.0.1", "1"]).await;
    let error = store.claim(&request(&key("order"))).await.expect_err("a replica takes no writes");
    assert!(error.is_retryable());
    assert_eq!(cause(&error).kind(), ErrorKind::Server(ServerErrorKind::ReadOnly));
    assert_eq!(error.code(), Some("READONLY"));
    let _: () = say(on, &["CONFIG", "SET", "replica-serve-stale-data", "no"]).await;
    let error = store.claim(&request(&key("done"))).await.expect_err("its primary is down");
    assert!(error.is_retryable());
    assert_eq!(cause(&error).kind(), ErrorKind::Server(ServerErrorKind::MasterDown));
    assert_eq!(error.code(), Some("MASTERDOWN"));
    let _: () = say(on, &["REPLICAOF", "NO", "ONE"]).await;
    assert_eq!(ask(&store, &request(&key("done"))).await, ClaimDecision::Replay(outcome("42")));
}

#[tokio::test]
#[ignore = "needs a server: cargo xtask test"]
async fn a_server_that_loads_its_data_is_unavailable() {
    let mut server = Server::start(&[]);
    let (store, _) = own_store(&server.url()).await;
    finish(&store, &key("done"), "42").await;
    let on = &mut connection(&server.url()).await;
    let filled = "for i = 1, 2000 do redis.call('SET', 'filler:' .. i, i) end";
    let _: () = say(on, &["EVAL", filled, "0"]).await;
    let _: () = say(on, &["SAVE"]).await;
    server.kill();
    // Two seconds for all of them, with a look at the clients after each.
    server.start_again(&["--key-load-delay", "1000", "--loading-process-events-interval-bytes", "1024"]);
    let loading = Cell::new(0);
    let replayed = until_answered(async || {
        let answer = store.claim(&request(&key("done"))).await;
        if answer.as_ref().is_err_and(is_loading) {
            loading.set(loading.get() + 1);
        }
        answer
    })
    .await;
    assert_eq!(replayed, ClaimDecision::Replay(outcome("42")));
    assert!(loading.get() > 0, "the server was ready at once");
}

#[tokio::test]
#[ignore = "needs a server: cargo xtask test"]
async fn a_user_who_may_not_is_refused() {
    let server = Server::start(&["--requirepass", "secret"]);
    let error = match RedisStore::connect(&server.url()).await {
        Ok(store) => store.claim(&request(&key("order"))).await.expect_err("there is no password"),
        Err(error) => error,
    };
    assert!(!error.is_retryable(), "{error:?}");

    let with_password = server.url().replace("redis://", "redis://:secret@");
    let on = &mut connection(&with_password).await;
    let _: () = say(on, &["ACL", "SETUSER", "reader", "on", ">secret", "~*", "+@read", "+@connection"]).await;
    let reader = server.url().replace("redis://", "redis://reader:secret@");
    let store = RedisStore::connect(&reader).await.expect("the user is known");
    let error = store.claim(&request(&key("order"))).await.expect_err("a reader runs no scripts");
    assert!(!error.is_retryable() && error.to_string().contains("EVALSHA"), "{error:?}");
    assert_eq!(error.code(), Some("NOPERM"));
    let store = RedisStore::connect(&with_password).await.expect("the password is right");
    acquire(&store, &request(&key("order"))).await;
}

#[tokio::test]
async fn a_malformed_url_is_refused_and_an_unreachable_server_may_pass() {
    let error = RedisStore::connect("http://127.0.0.1").await.expect_err("no URL of Redis");
    assert!(!error.is_retryable(), "{error:?}");
    let error = RedisStore::connect("redis://127.0.0.1:1").await.expect_err("nobody listens");
    assert!(error.is_retryable() && error.code().is_none(), "{error:?}");
    let error = RedisStore::cluster(&["redis://127.0.0.1:1"]).await.expect_err("nobody listens");
    assert!(error.is_retryable(), "{error:?}");
}
