//! The SQLite store passes the contract, with a file per case and a pool per instance.
#![cfg(feature = "sqlite")]

use std::sync::Arc;

use async_trait::async_trait;
use idem_core::Store;
use idem_core::contract::Backend;
use idem_sqlx::SqliteStore;
use sqlx::sqlite::{SqliteConnectOptions, SqlitePoolOptions};
use tempfile::TempDir;

struct File(TempDir);

#[async_trait]
impl Backend for File {
    async fn open() -> Self {
        Self(tempfile::tempdir().expect("a temporary folder"))
    }

    async fn store(&self) -> Arc<dyn Store> {
        Arc::new(SqliteStore::open(self.0.path().join("idem.db")).await.expect("the database can be opened"))
    }

    async fn store_with_connections(&self, most: u32) -> Arc<dyn Store> {
        drop(self.store().await);
        let options = SqliteConnectOptions::new().filename(self.0.path().join("idem.db"));
        let pool = SqlitePoolOptions::new().max_connections(most).connect_with(options).await;
        Arc::new(SqliteStore::new(pool.expect("the database can be opened")))
    }
}

idem_core::contract!(File);
