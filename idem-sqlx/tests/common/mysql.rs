//! MySQL or MariaDB: a database on the server of `IDEM_TEST_MYSQL_URL`.

use std::time::Duration;

use idem_core::StoreError;
use idem_sqlx::MySqlStore;
use sqlx::mysql::{MySqlConnectOptions, MySqlPool};
use sqlx::{AssertSqlSafe, ConnectOptions as _, MySql, MySqlConnection};

use super::database::{Rows, TestDatabase, random_name, server, text_rows, wait_for};

/// A database that is dropped with it.
pub(crate) struct Database {
    name: String,
    server: MySqlConnectOptions,
}

impl TestDatabase for Database {
    type Sqlx = MySql;
    type Store = MySqlStore;

    const NAME: &'static str = "mysql";
    const NOW: &'static str = "TIMESTAMPDIFF(MICROSECOND, '1970-01-01 00:00:00', UTC_TIMESTAMP(6))";
    const QUOTE: &'static str = "`";
    const MIGRATION: &'static str = include_str!("../../migrations/mysql/0001_idem_records.sql");
    const OLD_TABLE: &'static str = include_str!("../golden/mysql_0_1.sql");

    async fn empty() -> Self {
        let server = server("IDEM_TEST_MYSQL_URL").parse().expect("a URL of MySQL");
        let database = Self { name: random_name(), server };
        let mut on = database.server.connect().await.expect("a server");
        Self::execute_on(&mut on, &format!("CREATE DATABASE {}", database.name)).await.expect("a new database");
        database
    }

    fn connect_options(&self) -> MySqlConnectOptions {
        self.server.clone().database(&self.name)
    }

    fn outside(&self) -> Option<(MySqlConnectOptions, &str)> {
        Some((self.server.clone(), &self.name))
    }

    fn store_on(pool: MySqlPool) -> MySqlStore {
        MySqlStore::new(pool)
    }

    fn store_in(pool: MySqlPool, table: &str) -> Result<MySqlStore, StoreError> {
        MySqlStore::with_table(pool, table)
    }

    fn time_limited(store: MySqlStore, limit: Duration) -> MySqlStore {
        store.time_limit(limit)
    }

    async fn migrate(store: &MySqlStore) -> Result<(), StoreError> {
        store.migrate().await
    }

    fn pool_of(store: &MySqlStore) -> &MySqlPool {
        store.pool()
    }

    async fn execute_on(on: &mut MySqlConnection, sql: &str) -> Result<(), sqlx::Error> {
        sqlx::raw_sql(AssertSqlSafe(sql)).execute(on).await.map(drop)
    }

    async fn rows_on(on: &mut MySqlConnection, sql: &str) -> Result<Rows, sqlx::Error> {
        text_rows(on, sql).await
    }
}

impl Database {
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// The server, without the database.
    pub(crate) fn server(&self) -> MySqlConnectOptions {
        self.server.clone()
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        let (server, name) = (self.server.clone(), self.name.clone());
        wait_for(async move {
            let Ok(mut on) = server.connect().await else { return };
            // A transaction that a test left open may still hold a lock; then the database stays.
            let drop = format!("SET lock_wait_timeout = 1; DROP DATABASE {name}");
            let _ = Self::execute_on(&mut on, &drop).await;
        });
    }
}
