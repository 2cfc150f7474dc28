//! What waits for an operator is listed, on a single node and in a Cluster.

mod common;

use common::{cluster_urls, own_prefix, own_store, url};
use idem_core::contract::what_waits_for_an_operator_is_listed;
use idem_redis::RedisStore;

#[tokio::test]
#[ignore = "needs a server: cargo xtask test"]
async fn what_waits_for_an_operator_is_listed_on_a_node() {
    what_waits_for_an_operator_is_listed(&own_store(&url()).await.0).await;
}

#[tokio::test]
#[ignore = "needs a server: cargo xtask test"]
async fn what_waits_for_an_operator_is_listed_in_a_cluster() {
    let urls = cluster_urls();
    let urls: Vec<_> = urls.iter().map(String::as_str).collect();
    let store = RedisStore::cluster(&urls).await.expect("the cluster answers").prefix(&own_prefix()).expect("a prefix");
    what_waits_for_an_operator_is_listed(&store).await;
}
