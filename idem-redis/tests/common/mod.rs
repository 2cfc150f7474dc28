//! What the tests of the Redis store share: where the servers are, names of a test's own, and requests that say nothing of
//! their own.
#![allow(dead_code, unused_imports, reason = "each test file uses some of it")]

mod claims;
#[path = "../../../tests/faults/port.rs"]
mod port;
mod proxy;
mod server;
mod warnings;

use idem_core::{ClaimId, Key};
use idem_redis::RedisStore;
use redis::aio::MultiplexedConnection;
use redis::{Client, Cmd, FromRedisValue};

pub(crate) use claims::{HOUR, acquire, ask, fingerprint, finish, key, outcome, request};
pub(crate) use proxy::Proxy;
pub(crate) use server::Server;
pub(crate) use warnings::Warnings;

/// The shared server.
pub(crate) fn url() -> String {
    variable("IDEM_TEST_REDIS_URL")
}

/// Some nodes of the shared Cluster.
pub(crate) fn cluster_urls() -> Vec<String> {
    let all = variable("IDEM_TEST_REDIS_CLUSTER_URL");
    all.trim_start_matches("redis://").split(',').map(|node| format!("redis://{node}")).collect()
}

fn variable(name: &str) -> String {
    std::env::var(name).unwrap_or_else(|_| panic!("set {name}, or run `cargo xtask test`, which starts a server"))
}

/// A prefix that no other test has, nor another run.
pub(crate) fn own_prefix() -> String {
    format!("test:{}:", ClaimId::random())
}

/// A store with a connection of its own.
pub(crate) async fn store_at(url: &str, prefix: &str) -> RedisStore {
    RedisStore::connect(url).await.expect("the server answers").prefix(prefix).expect("a prefix")
}

/// A store with a prefix of its own.
pub(crate) async fn own_store(url: &str) -> (RedisStore, String) {
    let prefix = own_prefix();
    (store_at(url, &prefix).await, prefix)
}

/// The name of a record.
pub(crate) fn name(prefix: &str, key: &Key) -> String {
    format!("{prefix}{{{}|{}}}", key.scope().as_str(), key.text())
}

/// A connection for what a test says to the server itself.
pub(crate) async fn connection(url: &str) -> MultiplexedConnection {
    let client = Client::open(url).expect("a URL");
    client.get_multiplexed_async_connection().await.expect("the server answers")
}

/// What the server says to `words`.
pub(crate) async fn say<T: FromRedisValue>(on: &mut MultiplexedConnection, words: &[&str]) -> T {
    let mut command = Cmd::new();
    for word in words {
        command.arg(word);
    }
    command.query_async(on).await.unwrap_or_else(|error| panic!("{words:?}: {error}"))
}

/// A line of `INFO`.
pub(crate) async fn info(on: &mut MultiplexedConnection, section: &str, field: &str) -> Option<String> {
    let text: String = say(on, &["INFO", section]).await;
    text.lines().find_map(|line| Some(line.strip_prefix(field)?.strip_prefix(':')?.to_owned()))
}
