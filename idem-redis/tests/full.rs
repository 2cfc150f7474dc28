//! What becomes of those who hold a claim while the server takes no writes: it is full, cannot save, or has too few replicas.

mod common;

use std::time::Duration;

use common::{HOUR, Server, acquire, ask, connection, finish, key, outcome, own_store, request, say, store_at};
use idem_core::{
    Abandoned, Answer, ClaimDecision, ClaimRequest, Codec, Error, Operation, Outcome, State, Store as _, StoreError,
};
use idem_redis::RedisStore;
use redis::aio::MultiplexedConnection;

async fn set(on: &mut MultiplexedConnection, name: &str, value: &str) {
    let () = say(on, &["CONFIG", "SET", name, value]).await;
}

fn assert_not_now(error: &StoreError, what: &str) {
    assert!(error.is_retryable() && !error.is_ambiguous() && error.to_string().contains(what), "{error:?}");
}

async fn state(store: &RedisStore, name: &str) -> State {
    store.lookup(&key(name)).await.expect("an answer").expect("a record").record.state
}

#[tokio::test]
#[ignore = "needs a server: cargo xtask test"]
async fn a_full_server_takes_no_claims_and_lets_those_finish_who_hold_one() {
    let server = Server::start(&["--maxmemory-policy", "noeviction"]);
    let (store, _) = own_store(&server.url()).await;
    finish(&store, &key("done"), "42").await;
    let [extended, completed, marked, released, given_up, large] =
        ["extended", "completed", "marked", "released", "given up", "large"].map(|name| request(&key(name)));
    let mut claims = Vec::new();
    for request in [&extended, &completed, &marked, &released, &given_up, &large] {
        claims.push(acquire(&store, request).await);
    }
    let on = &mut connection(&server.url()).await;
    set(on, "maxmemory", "1").await;

    assert_not_now(&store.claim(&request(&key("order"))).await.expect_err("there is no room"), "maxmemory");
    assert_eq!(store.lookup(&key("order")).await.expect("an answer"), None, "nothing is half written");
    assert_eq!(ask(&store, &request(&key("done"))).await, ClaimDecision::Replay(outcome("42")), "it only reads");

    let lease_before = state(&store, "extended").await;
    store.extend(&claims[0], 2 * HOUR).await.expect("a lease takes no memory");
    assert_ne!(state(&store, "extended").await, lease_before);
    let longest = outcome(&"x".repeat(4096));
    store.complete(&claims[1], &longest, HOUR).await.expect("its body has run");
    assert_eq!(ask(&store, &request(&key("completed"))).await, ClaimDecision::Replay(longest));
    let mark = Outcome { codec: Codec::Omitted, text: "".into(), ..outcome("") };
    store.complete(&claims[2], &mark, HOUR).await.expect("its body has run");
    assert_eq!(state(&store, "marked").await, State::Finished(mark));
    store.release(&claims[3]).await.expect("it frees memory");
    assert_eq!(state(&store, "released").await, State::Released);
    store.abandon(&claims[4]).await.expect("it takes no memory");
    assert!(matches!(state(&store, "given up").await, State::Running { abandoned: Abandoned::Refuse, .. }));

    let before = state(&store, "large").await;
    let much = outcome(&"x".repeat(4097));
    assert_not_now(&store.complete(&claims[5], &much, HOUR).await.expect_err("there is no room"), "maxmemory");
    assert_eq!(state(&store, "large").await, before, "nothing is half written");
    set(on, "maxmemory", "0").await;
    store.complete(&claims[5], &much, HOUR).await.expect("there is room again");
    assert_eq!(ask(&store, &request(&key("large"))).await, ClaimDecision::Replay(much));
    // What a full server took has its end all the same, so Redis removes it.
    for name in ["extended", "completed", "marked", "released", "large"] {
        let lives: i64 = say(on, &["PTTL", &common::name(&prefix_of(&store), &key(name))]).await;
        assert!(lives > 0, "{name}: {lives}");
    }
}

/// The prefix, as `Debug` tells it.
fn prefix_of(store: &RedisStore) -> String {
    let text = format!("{store:?}");
    text.split('"').nth(1).expect("a prefix").to_owned()
}

#[tokio::test]
#[ignore = "needs a server: cargo xtask test"]
async fn a_body_during_which_the_server_got_full_does_not_run_again() {
    let server = Server::start(&["--maxmemory-policy", "noeviction"]);
    let (store, _) = own_store(&server.url()).await;
    let url = server.url();
    let call = async || {
        let call = Operation::new("payments.charge", "order").lease(Duration::from_secs(1));
        call.run(&store, async |_| {
            let on = &mut connection(&url).await;
            set(on, "maxmemory", "1").await;
            // Renewals come meanwhile.
            tokio::time::sleep(Duration::from_millis(1500)).await;
            Ok::<_, Error>(42)
        })
        .await
    };
    assert_eq!(call().await.expect("the body returns"), Answer::Executed(42));
    assert_eq!(call().await.expect("its outcome is stored"), Answer::Replayed(42));
}

#[tokio::test]
#[ignore = "needs a server: cargo xtask test"]
async fn a_server_with_too_few_replicas_takes_nothing_and_later_everything() {
    let server = Server::start(&[]);
    let (store, _) = own_store(&server.url()).await;
    finish(&store, &key("done"), "42").await;
    let on = &mut connection(&server.url()).await;
    takes_nothing_for_a_while(
        &store,
        on,
        async |on| set(on, "min-replicas-to-write", "1").await,
        async |on| set(on, "min-replicas-to-write", "0").await,
        "min-replicas-to-write",
    )
    .await;
}

#[tokio::test]
#[ignore = "needs a server: cargo xtask test"]
async fn a_server_that_cannot_save_takes_nothing_and_later_everything() {
    let server = Server::start(&["--save", "3600 1"]);
    let (store, _) = own_store(&server.url()).await;
    finish(&store, &key("done"), "42").await;
    let on = &mut connection(&server.url()).await;
    takes_nothing_for_a_while(
        &store,
        on,
        async |on| {
            std::fs::remove_dir_all(server.folder()).expect("it is ours");
            let _: String = say(on, &["BGSAVE"]).await;
            while common::info(on, "persistence", "rdb_last_bgsave_status").await.as_deref() != Some("err") {}
        },
        async |on| set(on, "stop-writes-on-bgsave-error", "no").await,
        "disk",
    )
    .await;
}

/// What was done before is replayed meanwhile, and each who holds a claim ends it afterwards.
async fn takes_nothing_for_a_while(
    store: &RedisStore,
    on: &mut MultiplexedConnection,
    stop: impl AsyncFn(&mut MultiplexedConnection),
    go_on: impl AsyncFn(&mut MultiplexedConnection),
    what: &str,
) {
    let running = acquire(store, &request(&key("running"))).await;
    let before = state(store, "running").await;
    stop(on).await;
    let new = ClaimRequest { abandoned: Abandoned::Refuse, ..request(&key("order")) };
    assert_not_now(&store.claim(&new).await.expect_err("no writes"), what);
    assert_not_now(&store.extend(&running, HOUR).await.expect_err("no writes"), what);
    assert_not_now(&store.complete(&running, &outcome("43"), HOUR).await.expect_err("no writes"), what);
    assert_not_now(&store.release(&running).await.expect_err("no writes"), what);
    assert_not_now(&store.abandon(&running).await.expect_err("no writes"), what);
    assert_eq!(state(store, "running").await, before, "nothing is half written");
    assert_eq!(ask(store, &request(&key("done"))).await, ClaimDecision::Replay(outcome("42")));
    go_on(on).await;
    store.complete(&running, &outcome("43"), HOUR).await.expect("it holds the claim");
    acquire(store, &new).await;
}

/// The server would stop a script halfway, and leave half of a record.
#[tokio::test]
#[ignore = "needs a server: cargo xtask test"]
async fn a_user_who_lacks_one_right_is_told_which_and_writes_nothing() {
    let server = Server::start(&[]);
    let on = &mut connection(&server.url()).await;
    for right in ["exists", "hmget", "hset", "hdel", "persist", "pexpireat", "del"] {
        let () = say(on, &["ACL", "SETUSER", right, "on", ">secret", "~*", "&*", "+@all", &format!("-{right}")]).await;
        let url = server.url().replace("redis://", &format!("redis://{right}:secret@"));
        let store = store_at(&url, "idem:").await;
        let request = request(&key("order"));
        let error = store.claim(&request).await.expect_err("a right is missing");
        assert!(error.is_refused() && error.to_string().contains(&right.to_uppercase()), "{right}: {error}");
        let names: Vec<String> = say(on, &["KEYS", "*"]).await;
        assert_eq!(names, [""; 0], "{right}");
        let () = say(on, &["ACL", "SETUSER", right, &format!("+{right}")]).await;
        let claim = acquire(&store, &request).await;
        store.release(&claim).await.expect("all rights are there");
        let () = say(on, &["FLUSHALL"]).await;
    }
}

/// The server would close the connection, on which others wait too.
#[tokio::test]
#[ignore = "needs a server: cargo xtask test"]
async fn an_outcome_that_the_server_cannot_be_sent_is_refused_and_harms_nobody() {
    let server = Server::start(&["--proto-max-bulk-len", "1mb"]);
    let (store, _) = own_store(&server.url()).await;
    let claim = acquire(&store, &request(&key("order"))).await;
    let largest = "x".repeat(1024 * 1024);
    let error = store.complete(&claim, &outcome(&format!("{largest}x")), HOUR).await.expect_err("it is too large");
    assert!(error.is_refused() && error.to_string().contains("proto-max-bulk-len"), "{error}");
    store.complete(&claim, &outcome(&largest), HOUR).await.expect("the largest there may be");
    assert_eq!(ask(&store, &request(&key("order"))).await, ClaimDecision::Replay(outcome(&largest)));
}
