//! The Redis store passes the contract, on a single node and in a Cluster, with a prefix per case and a connection per
//! instance.

mod common;

use std::sync::Arc;

use async_trait::async_trait;
use common::{cluster_urls, own_prefix, store_at, url};
use idem_core::Store;
use idem_core::contract::Backend;
use idem_redis::RedisStore;

struct Single {
    prefix: String,
}

#[async_trait]
impl Backend for Single {
    async fn open() -> Self {
        Self { prefix: own_prefix() }
    }

    async fn store(&self) -> Arc<dyn Store> {
        Arc::new(store_at(&url(), &self.prefix).await)
    }
}

struct Cluster {
    prefix: String,
}

#[async_trait]
impl Backend for Cluster {
    async fn open() -> Self {
        Self { prefix: own_prefix() }
    }

    async fn store(&self) -> Arc<dyn Store> {
        let urls = cluster_urls();
        let urls: Vec<_> = urls.iter().map(String::as_str).collect();
        let store = RedisStore::cluster(&urls).await.expect("the cluster answers");
        Arc::new(store.prefix(&self.prefix).expect("a prefix"))
    }
}

mod single {
    idem_core::contract!(
        #[ignore = "needs a server: cargo xtask test"]
        super::Single
    );
}

mod cluster {
    idem_core::contract!(
        #[ignore = "needs a server: cargo xtask test"]
        super::Cluster
    );
}
