//! What becomes of calls when connections are killed, a proxy stops forwarding, or a primary becomes a replica.

mod common;

use std::time::Duration;

use common::{HOUR, Proxy, Server, acquire, ask, connection, finish, key, outcome, own_store, request, say};
use idem_core::{
    AsStore as _, Claim, ClaimDecision, ClaimRequest, Extension, InFlight, IssueDecision, Operation, Resolution, Store,
    StoreError,
};
use idem_redis::RedisStore;
use redis::Client;
use redis::aio::{ConnectionManager, MultiplexedConnection};

const LAPSES: Duration = Duration::from_millis(1);
const BRIEF: Duration = Duration::from_millis(200);

/// Claims, each for one call of [`every_call`].
struct Held {
    extended: Claim,
    completed: Claim,
    released: Claim,
    given_up: Claim,
    lapsed: Claim,
}

async fn hold(store: &RedisStore) -> Held {
    let claim = async |name: &str| acquire(store, &request(&key(name))).await;
    Held {
        extended: claim("extended").await,
        completed: claim("completed").await,
        released: claim("released").await,
        given_up: claim("given up").await,
        lapsed: acquire(store, &ClaimRequest { lease: LAPSES, ..request(&key("lapsed")) }).await,
    }
}

/// Every call there is, and something before each.
async fn every_call(store: &RedisStore, held: &Held, mut before: impl AsyncFnMut()) {
    before().await;
    assert!(matches!(ask(store, &request(&key("new"))).await, ClaimDecision::Acquired(_)));
    before().await;
    store.extend(&held.extended, HOUR).await.expect("extend");
    before().await;
    let extension = Extension { claim: held.extended.clone(), lease: HOUR };
    for extended in store.extend_all(&[extension.clone(), extension]).await {
        extended.expect("extend_all");
    }
    before().await;
    store.complete(&held.completed, &outcome("42"), HOUR).await.expect("complete");
    before().await;
    store.release(&held.released).await.expect("release");
    before().await;
    store.abandon(&held.given_up).await.expect("abandon");
    before().await;
    assert_eq!(store.issue(&key("token"), HOUR).await.expect("issue"), IssueDecision::Issued);
    before().await;
    assert!(store.lookup(&key("completed")).await.expect("lookup").is_some());
    before().await;
    store.resolve(&held.lapsed.key, held.lapsed.claim_id, &Resolution::Rerun).await.expect("resolve");
    before().await;
    store.purge_expired(10).await.expect("purge");
}

async fn kill_all(on: &mut MultiplexedConnection) {
    let _: u64 = say(on, &["CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"]).await;
}

#[tokio::test]
#[ignore = "needs a server: cargo xtask test"]
async fn the_next_call_works_when_all_connections_were_killed() {
    let server = Server::start(&[]);
    let (store, _) = own_store(&server.url()).await;
    let held = hold(&store).await;
    let mut on = connection(&server.url()).await;
    every_call(&store, &held, async || kill_all(&mut on).await).await;
}

#[tokio::test]
#[ignore = "needs a server: cargo xtask test"]
async fn the_next_call_works_when_an_applications_connection_was_killed() {
    let server = Server::start(&[]);
    let manager = ConnectionManager::new(Client::open(server.url()).expect("a URL")).await.expect("it answers");
    let store = RedisStore::with_connection(manager);
    let held = hold(&store).await;
    let mut on = connection(&server.url()).await;
    every_call(&store, &held, async || kill_all(&mut on).await).await;
}

/// Whether an error says that nobody knows, which is what must be said of a question without an answer.
#[track_caller]
fn assert_unknown<T: std::fmt::Debug>(answer: Result<T, StoreError>) {
    let error = answer.expect_err("nothing passes");
    assert!(error.is_ambiguous(), "{error:?}");
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a server: cargo xtask test"]
async fn every_call_ends_though_a_proxy_stopped_forwarding_and_the_next_one_works() {
    let server = Server::start(&[]);
    let proxy = Proxy::to(server.port()).await;
    let store = own_store(&proxy.url()).await.0.time_limit(BRIEF);
    let held = hold(&store).await;
    store.extend(&held.extended, HOUR).await.expect("both connections are there");

    proxy.stop();
    assert_unknown(store.claim(&request(&key("order"))).await);
    ask(&store, &request(&key("next"))).await;
    proxy.stop();
    assert_unknown(store.lookup(&key("order")).await);
    ask(&store, &request(&key("next"))).await;
    proxy.stop();
    assert_unknown(store.purge_expired(10).await);
    ask(&store, &request(&key("next"))).await;

    assert_unknown(store.complete(&held.completed, &outcome("42"), HOUR).await);
    store.complete(&held.completed, &outcome("42"), HOUR).await.expect("the next one works");
    proxy.stop();
    for answer in store.extend_all(&[Extension { claim: held.extended.clone(), lease: HOUR }]).await {
        assert_unknown(answer);
    }
    store.extend(&held.extended, HOUR).await.expect("the next one works");
    proxy.stop();
    assert_unknown(store.release(&held.released).await);
    store.release(&held.released).await.expect("the next one works");

    // Neither does anything pass on new connections.
    proxy.lead_to(0);
    proxy.stop();
    assert_unknown(store.claim(&request(&key("order"))).await);
    let error = store.claim(&request(&key("order"))).await.expect_err("there is no connection");
    assert!(error.is_retryable() && !error.is_ambiguous(), "nothing was sent: {error:?}");
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a server: cargo xtask test"]
async fn every_call_over_an_applications_connection_ends_though_nothing_passes() {
    let server = Server::start(&[]);
    let proxy = Proxy::to(server.port()).await;
    let config = redis::aio::ConnectionManagerConfig::new().set_response_timeout(None);
    let manager = ConnectionManager::new_with_config(Client::open(proxy.url()).expect("a URL"), config).await;
    let store = RedisStore::with_connection(manager.expect("it answers")).time_limit(BRIEF);
    let held = hold(&store).await;
    proxy.stop();
    assert_unknown(store.claim(&request(&key("order"))).await);
    assert_unknown(store.complete(&held.completed, &outcome("42"), HOUR).await);
    assert_unknown(store.extend(&held.extended, HOUR).await);
    assert_unknown(store.lookup(&key("order")).await);
    assert_unknown(store.purge_expired(10).await);
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a server: cargo xtask test"]
async fn a_wait_ends_though_a_proxy_stopped_forwarding() {
    let server = Server::start(&[]);
    let proxy = Proxy::to(server.port()).await;
    let store = own_store(&proxy.url()).await.0.time_limit(BRIEF);
    acquire(&store, &request(&key("order"))).await;
    let call = Operation::new("payments.charge", "order").in_flight(InFlight::Wait(5 * BRIEF));
    let waiting = tokio::spawn({
        let store = store.as_store();
        async move { call.run(&store, async |_| Ok::<_, idem_core::Error>(0)).await }
    });
    tokio::time::sleep(BRIEF).await;
    proxy.lead_to(0);
    proxy.stop();
    waiting.await.expect("it does not panic").expect_err("somebody else holds the claim");
}

/// A primary and a replica in step behind a proxy, which then change places.
struct Pair {
    first: Server,
    second: Server,
    proxy: Proxy,
}

impl Pair {
    async fn start() -> Self {
        let (first, second) = (Server::start(&["--repl-diskless-sync-delay", "0"]), Server::start(&[]));
        let proxy = Proxy::to(first.port()).await;
        let on = &mut connection(&second.url()).await;
        let () = say(on, &["REPLICAOF", "127.0.0.1", &first.port().to_string()]).await;
        while common::info(on, "replication", "master_link_status").await.as_deref() != Some("up") {}
        Self { first, second, proxy }
    }

    /// The old primary stays, and follows the new one. Connections stay, and new ones lead to the new one.
    async fn fail_over(&self) {
        let on = &mut connection(&self.first.url()).await;
        while common::info(on, "replication", "connected_slaves").await.as_deref() != Some("1") {}
        let () = say(on, &["SET", "last", "1"]).await;
        let mut acknowledged = 0;
        while acknowledged == 0 {
            acknowledged = say(on, &["WAIT", "1", "100"]).await;
        }
        let () = say(&mut connection(&self.second.url()).await, &["REPLICAOF", "NO", "ONE"]).await;
        let () = say(on, &["REPLICAOF", "127.0.0.1", &self.second.port().to_string()]).await;
        self.proxy.lead_to(self.second.port());
    }
}

/// The first answer is the old primary's, and the second one the new primary's.
async fn refused_once<T>(call: impl AsyncFn() -> Result<T, StoreError>) -> T {
    let error = call().await.err().expect("a replica takes no writes");
    assert!(error.is_retryable() && !error.is_ambiguous() && error.to_string().contains("replica"), "{error:?}");
    call().await.unwrap_or_else(|error| panic!("the new primary is found: {error:?}"))
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a server: cargo xtask test"]
async fn a_primary_that_became_a_replica_is_left_by_claims_completions_and_renewals() {
    let pair = Pair::start().await;
    let (store, prefix) = own_store(&pair.proxy.url()).await;
    let completing = common::store_at(&pair.proxy.url(), &prefix).await;
    let held = hold(&store).await;
    store.extend(&held.extended, HOUR).await.expect("both connections are there");
    finish(&completing, &key("other"), "1").await;
    pair.fail_over().await;
    let new = request(&key("new"));
    assert!(matches!(refused_once(async || store.claim(&new).await).await, ClaimDecision::Acquired(_)));
    refused_once(async || store.extend_all(&[Extension { claim: held.extended.clone(), lease: HOUR }]).await.remove(0))
        .await;
    refused_once(async || completing.complete(&held.completed, &outcome("42"), HOUR).await).await;
    assert_eq!(ask(&store, &request(&held.completed.key)).await, ClaimDecision::Replay(outcome("42")));
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a server: cargo xtask test"]
async fn a_waiter_finds_the_new_primary() {
    let pair = Pair::start().await;
    let (store, prefix) = own_store(&pair.proxy.url()).await;
    let waiting = common::store_at(&pair.proxy.url(), &prefix).await;
    let claim = acquire(&store, &request(&key("order"))).await;
    let call = Operation::new("payments.charge", "order").in_flight(InFlight::Wait(Duration::from_mins(1)));
    let waiter = tokio::spawn({
        let store = waiting.as_store();
        async move { call.run(&store, async |_| Ok::<_, idem_core::Error>(0)).await }
    });
    let mut listener = waiting.listen(&key("order")).expect("it can tell");
    while !listener.hears() {
        listener.heard().await;
    }
    store.extend(&claim, HOUR).await.expect("both connections are there");
    pair.fail_over().await;
    refused_once(async || store.complete(&claim, &outcome("42"), HOUR).await).await;
    let answer = waiter.await.expect("it does not panic").expect("there is an outcome");
    assert_eq!(answer, idem_core::Answer::Replayed(42));
}
