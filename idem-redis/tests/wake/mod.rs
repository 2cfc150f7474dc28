//! Waiters and what the server says of those who listen.

use std::time::Duration;

use idem_core::{Answer, AsStore, Error, InFlight, IntoKey, Listener, Operation, Store as _};
use idem_redis::RedisStore;
use redis::aio::MultiplexedConnection;
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};

use crate::common::{cluster_urls, connection, info, key, say};

const PATIENCE: Duration = Duration::from_secs(20);

/// A call that waits for as long as it takes.
pub(crate) fn wait_for<K: IntoKey + ?Sized>(
    store: &(impl AsStore + ?Sized),
    name: &K,
) -> JoinHandle<Result<Answer<u32>, Error>> {
    let call = Operation::new("payments.charge", name).in_flight(InFlight::Wait(Duration::from_mins(1)));
    let store = store.as_store();
    tokio::spawn(async move { call.run(&store, async |_| Ok(0)).await })
}

/// A listener that hears.
pub(crate) async fn hearing(store: &RedisStore, name: &str) -> Box<dyn Listener> {
    let mut listener = store.listen(&key(name)).expect("it can tell");
    until_it_hears(&mut *listener).await;
    listener
}

pub(crate) async fn until_it_hears(listener: &mut dyn Listener) {
    while !listener.hears() {
        heard(listener).await;
    }
}

/// Waits until a listener is told.
pub(crate) async fn heard(listener: &mut dyn Listener) {
    timeout(PATIENCE, listener.heard()).await.expect("it is not told");
}

/// Waits until something is so.
pub(crate) async fn eventually(mut is_so: impl AsyncFnMut() -> bool) {
    let waited = timeout(PATIENCE, async {
        while !is_so().await {
            sleep(Duration::from_millis(5)).await;
        }
    });
    waited.await.expect("it does not become so");
}

pub(crate) async fn cluster_store(prefix: &str) -> RedisStore {
    let urls = cluster_urls();
    let urls: Vec<_> = urls.iter().map(String::as_str).collect();
    RedisStore::cluster(&urls).await.expect("the cluster answers").prefix(prefix).expect("a prefix")
}

/// The same for a user of this test's own, whose connections can be killed without those of other tests.
pub(crate) async fn cluster_store_of(user: &str, prefix: &str) -> RedisStore {
    for mut node in nodes().await {
        let _: () = say(&mut node, &["ACL", "SETUSER", user, "on", ">secret", "~*", "&*", "+@all"]).await;
    }
    let urls = cluster_urls();
    let urls: Vec<_> = urls.iter().map(|url| url.replace("redis://", &format!("redis://{user}:secret@"))).collect();
    let urls: Vec<_> = urls.iter().map(String::as_str).collect();
    RedisStore::cluster(&urls).await.expect("the cluster answers").prefix(prefix).expect("a prefix")
}

/// A connection to each node that is known of the Cluster.
pub(crate) async fn nodes() -> Vec<MultiplexedConnection> {
    let mut nodes = Vec::new();
    for url in cluster_urls() {
        nodes.push(connection(&url).await);
    }
    nodes
}

/// How many connections listen to a channel.
pub(crate) async fn subscribers(on: &mut MultiplexedConnection, channel: &str) -> u64 {
    let (_, count): (String, u64) = say(on, &["PUBSUB", "SHARDNUMSUB", channel]).await;
    count
}

/// How many connections to any node of the Cluster do.
pub(crate) async fn subscribers_anywhere(channel: &str) -> u64 {
    let mut count = 0;
    for mut node in nodes().await {
        count += subscribers(&mut node, channel).await;
    }
    count
}

/// How many connections listen to anything.
pub(crate) async fn ears(on: &mut MultiplexedConnection) -> usize {
    let list: String = say(on, &["CLIENT", "LIST", "TYPE", "pubsub"]).await;
    list.lines().count()
}

/// Kills those of a user.
pub(crate) async fn kill_ears(on: &mut MultiplexedConnection, user: &str) {
    let _: u64 = say(on, &["CLIENT", "KILL", "TYPE", "pubsub", "USER", user]).await;
}

/// How often a command was called.
pub(crate) async fn calls(on: &mut MultiplexedConnection, command: &str) -> u64 {
    let line = info(on, "commandstats", &format!("cmdstat_{command}")).await.unwrap_or_default();
    line.split(['=', ',']).nth(1).and_then(|calls| calls.parse().ok()).unwrap_or(0)
}
