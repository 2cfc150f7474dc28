//! What is said once, when a store connects to a server that may lose its records.

mod common;

use std::process::{Command, Stdio};

use common::{Server, Warnings, connection, own_store, say};
use idem_core::StoreError;
use idem_redis::RedisStore;

/// What is said when a store connects.
async fn said(url: &str) -> Vec<String> {
    said_by(RedisStore::connect(url)).await
}

async fn said_by(connects: impl Future<Output = Result<RedisStore, StoreError>>) -> Vec<String> {
    let warnings = Warnings::default();
    let guard = tracing::subscriber::set_default(warnings.clone());
    connects.await.expect("the server answers");
    drop(guard);
    warnings.said()
}

/// A node of a Cluster that keeps its records.
fn node() -> Server {
    Server::start(&["--cluster-enabled", "yes", "--appendonly", "yes"])
}

/// Three primaries.
async fn cluster() -> [Server; 3] {
    let servers = [node(), node(), node()];
    let mut create = Command::new("redis-cli");
    create.args(["--cluster", "create"]).args(servers.iter().map(address)).arg("--cluster-yes");
    create.stdin(Stdio::null()).stdout(Stdio::null());
    assert!(create.status().is_ok_and(|status| status.success()), "redis-cli makes a Cluster of them");
    for server in &servers {
        let on = &mut connection(&server.url()).await;
        while !say::<String>(on, &["CLUSTER", "INFO"]).await.contains("cluster_state:ok") {
            tokio::task::yield_now().await;
        }
    }
    servers
}

fn address(server: &Server) -> String {
    format!("127.0.0.1:{}", server.port())
}

#[tokio::test]
#[ignore = "needs a server: cargo xtask test"]
async fn redis_eviction_policy_warned() {
    let kept = ["--appendonly", "yes"];
    let server = Server::start(&[&kept[..], &["--maxmemory", "100mb"]].concat());
    let on = &mut connection(&server.url()).await;
    for policy in ["allkeys-lru", "volatile-ttl", "allkeys-random", "volatile-lfu"] {
        let _: () = say(on, &["CONFIG", "SET", "maxmemory-policy", policy]).await;
        let said = said(&server.url()).await;
        let [line] = &said[..] else { panic!("{said:?}") };
        assert!(line.contains("evict") && line.contains(policy), "{line}");
    }
    let _: () = say(on, &["CONFIG", "SET", "maxmemory-policy", "noeviction"]).await;
    assert_eq!(said(&server.url()).await, [""; 0]);
    // Without a limit nothing is evicted, whatever the policy.
    let _: () = say(on, &["CONFIG", "SET", "maxmemory-policy", "allkeys-lru", "maxmemory", "0"]).await;
    assert_eq!(said(&server.url()).await, [""; 0]);
}

#[tokio::test]
#[ignore = "needs a server: cargo xtask test"]
async fn a_server_that_keeps_nothing_on_disk_is_warned_of() {
    let server = Server::start(&[]);
    let on = &mut connection(&server.url()).await;
    let lines = said(&server.url()).await;
    let [line] = &lines[..] else { panic!("{lines:?}") };
    assert!(line.contains("disk") && line.contains("appendonly yes"), "{line}");
    for kept in [["save", "3600 1"], ["appendonly", "yes"]] {
        let _: () = say(on, &["CONFIG", "SET", "save", "", "appendonly", "no"]).await;
        let _: () = say(on, &["CONFIG", "SET", kept[0], kept[1]]).await;
        assert_eq!(said(&server.url()).await, [""; 0], "{kept:?}");
    }
}

#[tokio::test]
#[ignore = "needs a server: cargo xtask test"]
async fn a_server_that_does_not_tell_is_used_all_the_same() {
    let server = Server::start(&["--rename-command", "CONFIG", ""]);
    assert_eq!(said(&server.url()).await, [""; 0]);
    own_store(&server.url()).await;
}

/// Each has settings of its own. A kind of trouble is told once, with the nodes that have it and no others.
#[tokio::test]
#[ignore = "needs a server: cargo xtask test"]
async fn every_primary_of_a_cluster_is_asked() {
    let servers = cluster().await;
    let set = async |server: &Server, settings: &[&str]| {
        let on = &mut connection(&server.url()).await;
        let () = say(on, &[&["CONFIG", "SET"], settings].concat()).await;
    };
    let said = async || said_by(RedisStore::cluster(&[&servers[0].url()])).await;
    let named = |line: &str| [0, 1, 2].map(|node| line.contains(&address(&servers[node])));
    assert_eq!(said().await, [""; 0]);

    set(&servers[2], &["maxmemory", "100mb", "maxmemory-policy", "allkeys-lru"]).await;
    let lines = said().await;
    let [line] = &lines[..] else { panic!("{lines:?}") };
    assert!(line.contains("evict") && line.contains("allkeys-lru"), "{line}");
    assert_eq!(named(line), [false, false, true], "{line}");

    set(&servers[0], &["maxmemory", "100mb", "maxmemory-policy", "volatile-ttl"]).await;
    set(&servers[1], &["appendonly", "no"]).await;
    let lines = said().await;
    let [evicts, forgets] = &lines[..] else { panic!("{lines:?}") };
    assert!(evicts.contains("allkeys-lru") && evicts.contains("volatile-ttl"), "{evicts}");
    assert_eq!(named(evicts), [true, false, true], "{evicts}");
    assert!(forgets.contains("disk"), "{forgets}");
    assert_eq!(named(forgets), [false, true, false], "{forgets}");
}
