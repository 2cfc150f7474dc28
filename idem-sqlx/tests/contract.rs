//! The SQL stores pass the contract, with a database per case and a pool per instance. Where there are several ways to
//! connect, one instance after the other takes the next.
#![cfg(any(feature = "sqlite", feature = "postgres", feature = "mysql"))]

mod common;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use async_trait::async_trait;
use common::TestDatabase;
use idem_core::Store;
use idem_core::contract::Backend;

struct OnePoolEach<D> {
    database: D,
    instances: AtomicUsize,
}

#[async_trait]
impl<D: TestDatabase> Backend for OnePoolEach<D> {
    async fn open() -> Self {
        Self { database: D::migrated().await, instances: AtomicUsize::new(0) }
    }

    async fn store(&self) -> Arc<dyn Store> {
        self.store_with_connections(4).await
    }

    async fn store_with_connections(&self, most: u32) -> Arc<dyn Store> {
        let ways = self.database.ways_to_connect();
        let options = ways[self.instances.fetch_add(1, Ordering::Relaxed) % ways.len()].clone();
        Arc::new(D::store_on(D::pool_with(most, options).await))
    }
}

#[cfg(feature = "sqlite")]
mod sqlite {
    idem_core::contract!(super::OnePoolEach<crate::common::sqlite::Folder>);
}

#[cfg(feature = "postgres")]
mod postgres {
    idem_core::contract!(
        #[ignore = "needs a server: cargo xtask test"]
        super::OnePoolEach<crate::common::postgres::Schema>
    );
}

#[cfg(feature = "mysql")]
mod mysql {
    idem_core::contract!(
        #[ignore = "needs a server: cargo xtask test"]
        super::OnePoolEach<crate::common::mysql::Database>
    );
}
