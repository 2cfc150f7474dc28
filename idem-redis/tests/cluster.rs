//! A Cluster: no step needs two slots, whatever is in a key, and every option works as on a single node.

mod common;

use std::collections::BTreeSet;
use std::time::Duration;

use common::{HOUR, acquire, ask, cluster_urls, key, outcome, own_prefix, request};
use idem_core::{ClaimDecision, ClaimRequest, IssueDecision, Key, Resolution, Scope, Store as _};
use idem_redis::RedisStore;
use redis::cluster::ClusterClient;
use redis::cluster_async::ClusterConnection;
use redis::cmd;

const LAPSES: Duration = Duration::from_millis(1);

async fn connection() -> ClusterConnection {
    let client = ClusterClient::new(cluster_urls()).expect("URLs");
    client.get_async_connection().await.expect("the cluster answers")
}

fn own_store(connection: ClusterConnection) -> (RedisStore, String) {
    let prefix = own_prefix();
    (RedisStore::with_connection(connection).prefix(&prefix).expect("a prefix"), prefix)
}

/// Every call, on keys whose braces and bars could be taken for hash tags.
#[tokio::test]
#[ignore = "needs a server: cargo xtask test"]
async fn redis_cluster_single_slot() {
    let mut connection = connection().await;
    let (store, prefix) = own_store(connection.clone());
    let mut slots = BTreeSet::new();
    for text in ["1", "2", "3", "{", "}", "{}", "}{", "{a}{b}", "a}b", "|", "\"order-17\""] {
        let key = Key::from_stored(Scope::from_static("pay{ments}.charge"), text);
        assert_eq!(store.issue(&key, HOUR).await.expect("an answer"), IssueDecision::Issued, "{text}");
        let claim = acquire(&store, &ClaimRequest { lease: LAPSES, ..request(&key) }).await;
        while store.resolve(&key, claim.claim_id, &Resolution::Rerun).await.is_err() {}
        let claim = acquire(&store, &request(&key)).await;
        store.extend(&claim, HOUR).await.expect("the claim is held");
        store.release(&claim).await.expect("the claim is held");
        let claim = acquire(&store, &request(&key)).await;
        store.complete(&claim, &outcome(text), HOUR).await.expect("the claim is held");
        assert_eq!(ask(&store, &request(&key)).await, ClaimDecision::Replay(outcome(text)), "{text}");
        let name = format!("{prefix}{{pay{{ments%7D.charge|{}}}", text.replace('}', "%7D"));
        let exists: bool = cmd("EXISTS").arg(&name).query_async(&mut connection).await.expect("an answer");
        assert!(exists, "{name}");
        let slot: u16 = cmd("CLUSTER").arg("KEYSLOT").arg(name).query_async(&mut connection).await.expect("a slot");
        slots.insert(slot);
    }
    assert!(slots.len() > 8, "a client can put its keys into one slot: {slots:?}");
}

#[tokio::test]
#[ignore = "needs a server: cargo xtask test"]
async fn a_purge_finds_the_records_of_every_node() {
    const EXPIRED: u64 = 30;
    let (store, _) = own_store(connection().await);
    for number in 0..EXPIRED {
        let claim = acquire(&store, &request(&key(&number))).await;
        store.complete(&claim, &outcome("1"), LAPSES).await.expect("the claim is held");
    }
    let mut removed = 0;
    while removed < EXPIRED {
        let some = store.purge_expired(4).await.expect("an answer");
        assert!(some <= 4);
        removed += some;
    }
    assert_eq!(removed, EXPIRED);
    assert_eq!(store.purge_expired(4).await.expect("an answer"), 0);
}

/// Whatever there is to remove at one of them, the next call begins at another.
#[tokio::test]
#[ignore = "needs a server: cargo xtask test"]
async fn a_purge_of_one_record_at_a_time_comes_to_every_node() {
    const PRIMARIES: usize = 3;
    const SLOTS: usize = 16_384;
    let mut connection = connection().await;
    let (store, prefix) = own_store(connection.clone());
    let keys: Vec<_> = (0..30).map(|number| key(&number)).collect();
    for key in &keys {
        let claim = acquire(&store, &request(key)).await;
        store.complete(&claim, &outcome("1"), LAPSES).await.expect("the claim is held");
    }
    let mut removed = 0;
    while removed < PRIMARIES as u64 {
        removed += store.purge_expired(1).await.expect("an answer");
    }
    let mut nodes = BTreeSet::new();
    for key in &keys {
        let name = common::name(&prefix, key);
        let exists: bool = cmd("EXISTS").arg(&name).query_async(&mut connection).await.expect("an answer");
        if !exists {
            let slot = cmd("CLUSTER").arg("KEYSLOT").arg(name).query_async::<usize>(&mut connection).await;
            nodes.insert(slot.expect("a slot") * PRIMARIES / SLOTS);
        }
    }
    assert_eq!(nodes.len(), PRIMARIES, "{nodes:?}");
}

#[tokio::test]
#[ignore = "needs a server: cargo xtask test"]
async fn replicas_are_waited_for_where_the_record_is() {
    let urls = cluster_urls();
    let urls: Vec<_> = urls.iter().map(String::as_str).collect();
    let store = RedisStore::cluster(&urls).await.expect("the cluster answers").prefix(&own_prefix()).expect("a prefix");
    let one = store.clone().wait_for_replicas(1, Duration::from_secs(3));
    let three = store.wait_for_replicas(3, Duration::from_millis(20));
    for number in 0..20 {
        let claim = acquire(&one, &request(&key(&number))).await;
        one.complete(&claim, &outcome("1"), HOUR).await.expect("each primary has a replica");
        let error = three.claim(&request(&key(&("too many", number)))).await.expect_err("there is one replica each");
        let source = std::error::Error::source(&error).expect("why").to_string();
        assert!(error.is_retryable() && source.contains("1 of 3 replicas"), "{source}");
    }
}

/// A node that forgot the scripts is told them, and no other has to be.
#[tokio::test]
#[ignore = "needs a server: cargo xtask test"]
async fn a_cluster_that_forgot_the_scripts_is_told_them_again() {
    let mut connection = connection().await;
    let (store, _) = own_store(connection.clone());
    for number in 0..20 {
        let () = cmd("SCRIPT").arg("FLUSH").query_async(&mut connection).await.expect("an answer");
        let claim = acquire(&store, &request(&key(&number))).await;
        store.complete(&claim, &outcome("1"), HOUR).await.expect("the claim is held");
    }
}
