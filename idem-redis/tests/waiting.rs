//! Waiters are told by the server when a claim ends that another client holds, on a single node and in a Cluster.

mod common;
mod wake;

use std::time::{Duration, Instant};

use common::{HOUR, Server, acquire, connection, key, name, outcome, own_prefix, request, say, store_at};
use idem_core::contract::{Faulty, Method};
use idem_core::{Answer, AsStore as _, ClaimId, Store};
use idem_redis::RedisStore;
use redis::aio::ConnectionManager;
use redis::{Client, cmd};
use tokio::runtime::Builder;
use tokio::time::{sleep, timeout};
use wake::{calls, eventually, heard, hearing, kill_ears, subscribers, until_it_hears, wait_for};

/// A waiter that does not hear polls six times meanwhile.
const A_WHILE: Duration = Duration::from_secs(2);

const SHORT: Duration = Duration::from_millis(20);

/// How often a waiter that hears asks at most: once since it hears, once if a poll was under way, and then at its polls.
fn most_questions(since: Instant) -> u64 {
    2 + since.elapsed().as_secs() * 4 / 3
}

#[tokio::test]
#[ignore = "needs a server: cargo xtask test"]
async fn a_waiter_in_another_client_is_told_and_hardly_polls() {
    let server = Server::start(&[]);
    let prefix = own_prefix();
    let (holder, other) = (store_at(&server.url(), &prefix).await, store_at(&server.url(), &prefix).await);
    let claim = acquire(&holder, &request(&key("order"))).await;
    let waiter = wait_for(&other, "order");
    let on = &mut connection(&server.url()).await;
    eventually(async || subscribers(on, &name(&prefix, &claim.key)).await == 1).await;
    let (began, before) = (Instant::now(), calls(on, "evalsha").await);
    sleep(A_WHILE).await;
    let polled = calls(on, "evalsha").await - before;
    assert!(polled <= most_questions(began), "{polled}");
    holder.complete(&claim, &outcome("42"), HOUR).await.expect("the claim is held");
    let answer = waiter.await.expect("it does not panic").expect("there is an outcome");
    assert_eq!(answer, Answer::Replayed(42));
    let asked = calls(on, "evalsha").await - before;
    assert!(asked <= 2 + most_questions(began), "completed, and asked once more than it polls: {asked}");
    eventually(async || subscribers(on, &name(&prefix, &claim.key)).await == 0).await;
}

#[tokio::test]
#[ignore = "needs a server: cargo xtask test"]
async fn a_waiter_of_a_cluster_is_told_and_hardly_polls() {
    let prefix = own_prefix();
    let (holder, other) = (wake::cluster_store(&prefix).await, wake::cluster_store(&prefix).await);
    for number in 0..8 {
        let claim = acquire(&holder, &request(&key(&number))).await;
        let counted = Faulty::new(other.as_store());
        let waiter = wait_for(&counted, &number);
        eventually(async || wake::subscribers_anywhere(&name(&prefix, &claim.key)).await == 1).await;
        if number == 0 {
            let (began, before) = (Instant::now(), counted.calls(Method::Claim));
            sleep(A_WHILE).await;
            let polled = counted.calls(Method::Claim) - before;
            assert!(polled as u64 <= most_questions(began), "{polled}");
        }
        holder.complete(&claim, &outcome("42"), HOUR).await.expect("the claim is held");
        let answer = waiter.await.expect("it does not panic").expect("there is an outcome");
        assert_eq!(answer, Answer::Replayed(42));
    }
}

#[tokio::test]
#[ignore = "needs a server: cargo xtask test"]
async fn waiters_of_one_client_share_a_subscription_that_ends_with_the_last() {
    let server = Server::start(&[]);
    let prefix = own_prefix();
    let (holder, other) = (store_at(&server.url(), &prefix).await, store_at(&server.url(), &prefix).await);
    let claim = acquire(&holder, &request(&key("order"))).await;
    let on = &mut connection(&server.url()).await;
    assert_eq!(wake::ears(on).await, 0, "opened before there is a need");
    let counted = Faulty::new(other.as_store());
    let waiters: Vec<_> = (0..50).map(|_| wait_for(&counted, "order")).collect();
    // Each asks four times at most until it hears, if that does not take long.
    counted.called(Method::Claim, 4 * waiters.len()).await;
    let channel = name(&prefix, &claim.key);
    eventually(async || subscribers(on, &channel).await == 1).await;
    assert_eq!((wake::ears(on).await, calls(on, "ssubscribe").await), (1, 1));
    let mut elsewhere = hearing(&holder, "order").await;
    assert_eq!((subscribers(on, &channel).await, wake::ears(on).await), (2, 2));
    for waiter in &waiters[1..] {
        waiter.abort();
    }
    let asked = counted.calls(Method::Claim);
    counted.called(Method::Claim, asked + 1).await;
    assert_eq!(subscribers(on, &channel).await, 2, "one still waits");
    waiters[0].abort();
    eventually(async || subscribers(on, &channel).await == 1).await;
    holder.release(&claim).await.expect("the claim is held");
    heard(&mut *elsewhere).await;
    drop(elsewhere);
    eventually(async || subscribers(on, &channel).await == 0).await;
}

/// The server is told of neither, or of both in their order.
#[tokio::test]
#[ignore = "needs a server: cargo xtask test"]
async fn who_stops_listening_and_begins_again_hears() {
    let prefix = own_prefix();
    let (holder, other) = (store_at(&common::url(), &prefix).await, store_at(&common::url(), &prefix).await);
    for _ in 0..20 {
        drop(hearing(&other, "order").await);
        let mut listener = hearing(&other, "order").await;
        let claim = acquire(&holder, &request(&key("order"))).await;
        holder.release(&claim).await.expect("the claim is held");
        heard(&mut *listener).await;
    }
}

#[tokio::test]
#[ignore = "needs a server: cargo xtask test"]
async fn a_caller_that_loses_the_connection_completes_and_hears_again() {
    let server = Server::start(&[]);
    let prefix = own_prefix();
    let (holder, other) = (store_at(&server.url(), &prefix).await, store_at(&server.url(), &prefix).await);
    let on = &mut connection(&server.url()).await;
    lose_the_connection(&holder, &other, async || kill_ears(on, "default").await).await;
}

#[tokio::test]
#[ignore = "needs a server: cargo xtask test"]
async fn a_caller_that_loses_a_cluster_node_completes_and_hears_again() {
    let (prefix, user) = (own_prefix(), format!("test-{}", ClaimId::random()));
    let (holder, other) = (wake::cluster_store(&prefix).await, wake::cluster_store_of(&user, &prefix).await);
    lose_the_connection(&holder, &other, async || {
        for mut node in wake::nodes().await {
            kill_ears(&mut node, &user).await;
        }
    })
    .await;
}

async fn lose_the_connection(holder: &RedisStore, other: &RedisStore, mut kill: impl AsyncFnMut()) {
    let claims = [acquire(holder, &request(&key("one"))).await, acquire(holder, &request(&key("two"))).await];
    let counted = [Faulty::new(other.as_store()), Faulty::new(other.as_store())];
    let waiters = [wait_for(&counted[0], "one"), wait_for(&counted[1], "two")];
    let mut listener = hearing(other, "two").await;
    for counted in &counted {
        counted.called(Method::Claim, 4).await;
    }
    kill().await;
    holder.complete(&claims[0], &outcome("42"), HOUR).await.expect("the claim is held");
    let [first, second] = waiters;
    assert_eq!(first.await.expect("no panic").expect("there is an outcome"), Answer::Replayed(42));
    // It no longer hears, and then hears again.
    heard(&mut *listener).await;
    until_it_hears(&mut *listener).await;
    holder.complete(&claims[1], &outcome("42"), HOUR).await.expect("the claim is held");
    heard(&mut *listener).await;
    assert_eq!(second.await.expect("no panic").expect("there is an outcome"), Answer::Replayed(42));
    acquire(holder, &request(&key("later"))).await;
    let mut later = hearing(other, "later").await;
    // That it hears may have been said twice.
    let _ = timeout(SHORT, later.heard()).await;
    let claim = acquire(holder, &request(&key("third"))).await;
    let third = wait_for(other, "third");
    holder.release(&claim).await.expect("the claim is held");
    assert_eq!(third.await.expect("no panic").expect("it takes over"), Answer::Executed(0));
    assert!(later.hears(), "another key ended");
    assert!(timeout(SHORT, later.heard()).await.is_err(), "another key ended");
}

#[tokio::test]
#[ignore = "needs a server: cargo xtask test"]
async fn a_user_who_may_not_publish_or_listen_completes_and_waits() {
    let server = Server::start(&[]);
    let on = &mut connection(&server.url()).await;
    for (user, rights) in [("silent", "-spublish"), ("deaf", "-ssubscribe"), ("both", "resetchannels")] {
        let _: () = say(on, &["ACL", "SETUSER", user, "on", ">secret", "~*", "&*", "+@all", rights]).await;
        let url = server.url().replace("redis://", &format!("redis://{user}:secret@"));
        let prefix = own_prefix();
        let (holder, other) = (store_at(&url, &prefix).await, store_at(&url, &prefix).await);
        let claim = acquire(&holder, &request(&key("order"))).await;
        let counted = Faulty::new(other.as_store());
        let waiter = wait_for(&counted, "order");
        counted.called(Method::Claim, 4).await;
        holder.complete(&claim, &outcome("42"), HOUR).await.expect("the claim is held");
        let answer = waiter.await.expect("it does not panic").expect("there is an outcome");
        assert_eq!(answer, Answer::Replayed(42), "{user}");
        let claim = acquire(&holder, &request(&key("released"))).await;
        holder.release(&claim).await.expect("the claim is held");
    }
}

/// It cannot be doubled, and what is said on it goes to the application.
#[tokio::test]
#[ignore = "needs a server: cargo xtask test"]
async fn a_store_on_the_applications_connection_does_not_listen() {
    let manager = ConnectionManager::new(Client::open(common::url()).expect("a URL")).await.expect("it answers");
    let store = RedisStore::with_connection(manager);
    assert!(store.listen(&key("order")).is_none());
}

/// As in programs with a runtime for each part of them. The keeper's does not end, but others may ask a store too.
#[test]
#[ignore = "needs a server: cargo xtask test"]
fn a_runtime_that_ends_takes_no_listener_along() {
    let prefix = own_prefix();
    let runtime = || Builder::new_current_thread().enable_all().build().expect("a runtime");
    let first = runtime();
    let (store, before) = first.block_on(async {
        let store = store_at(&common::url(), &prefix).await;
        let before = hearing(&store, "before").await;
        (store, before)
    });
    drop(first);
    assert!(before.hears());
    runtime().block_on(async {
        let holder = store_at(&common::url(), &prefix).await;
        let mut listener = hearing(&store, "order").await;
        let claim = acquire(&holder, &request(&key("order"))).await;
        holder.release(&claim).await.expect("the claim is held");
        heard(&mut *listener).await;
        assert!(before.hears());
    });
}

/// A server that does not know the command ends claims all the same; here it is renamed.
#[tokio::test]
#[ignore = "needs a server: cargo xtask test"]
async fn a_server_without_sharded_channels_completes_and_waiters_poll() {
    let server = Server::start(&["--rename-command", "SPUBLISH", "", "--rename-command", "SSUBSCRIBE", ""]);
    let prefix = own_prefix();
    let (holder, other) = (store_at(&server.url(), &prefix).await, store_at(&server.url(), &prefix).await);
    let claim = acquire(&holder, &request(&key("order"))).await;
    let mut plain = connection(&server.url()).await;
    cmd("SPUBLISH").arg("a").arg("b").query_async::<()>(&mut plain).await.expect_err("it is renamed");
    let waiter = wait_for(&other, "order");
    sleep(Duration::from_millis(100)).await;
    holder.complete(&claim, &outcome("42"), HOUR).await.expect("the claim is held");
    let answer = waiter.await.expect("it does not panic").expect("there is an outcome");
    assert_eq!(answer, Answer::Replayed(42));
}
