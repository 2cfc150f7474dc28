//! Random histories of four callers through two connections: every answer, and every record, is what the pure decision gives.

mod common;

use std::hash::{BuildHasher as _, Hasher as _, RandomState};
use std::sync::Arc;

use common::{cluster_urls, own_prefix, store_at, url};
use idem_core::{Store, contract};
use idem_redis::RedisStore;

const HISTORIES: u32 = 8;

async fn histories(stores: impl AsyncFn(&str) -> RedisStore) {
    for _ in 0..HISTORIES {
        // A purge of this history would count what the one before left.
        let prefix = own_prefix();
        let [first, second] = [stores(&prefix).await, stores(&prefix).await];
        let stores: [Arc<dyn Store>; 2] = [Arc::new(first), Arc::new(second)];
        // A history that fails tells its seed.
        let seed = RandomState::new().build_hasher().finish();
        contract::random_history(&stores, seed, 400).await;
    }
}

#[tokio::test]
#[ignore = "needs a server: cargo xtask test"]
async fn random_histories_are_answered_as_the_decision_says() {
    histories(async |prefix: &str| store_at(&url(), prefix).await).await;
}

#[tokio::test]
#[ignore = "needs a server: cargo xtask test"]
async fn random_histories_in_a_cluster_are_answered_as_the_decision_says() {
    let urls = cluster_urls();
    let urls: Vec<_> = urls.iter().map(String::as_str).collect();
    let store = async |prefix: &str| {
        RedisStore::cluster(&urls).await.expect("the cluster answers").prefix(prefix).expect("a prefix")
    };
    histories(store).await;
}
