//! PostgreSQL: a schema on the server of `IDEM_TEST_POSTGRES_URL`.

use std::time::Duration;

use idem_core::StoreError;
use idem_sqlx::PgStore;
use sqlx::postgres::{PgConnectOptions, PgPool};
use sqlx::{AssertSqlSafe, ConnectOptions as _, PgConnection, Postgres};

use super::database::{Rows, TestDatabase, random_name, server, text_rows, wait_for};

/// A schema that is dropped with it.
pub(crate) struct Schema {
    name: String,
    server: PgConnectOptions,
    /// From where its database is dropped, if that is its own too.
    outside: Option<PgConnectOptions>,
}

impl TestDatabase for Schema {
    type Sqlx = Postgres;
    type Store = PgStore;

    const NAME: &'static str = "postgres";
    const NOW: &'static str = "((extract(epoch FROM statement_timestamp()) * 1000000)::bigint)";
    const QUOTE: &'static str = "\"";
    const MIGRATION: &'static str = include_str!("../../migrations/postgres/0001_idem_records.sql");
    const OLD_TABLE: &'static str = include_str!("../golden/postgres_0_1.sql");

    async fn empty() -> Self {
        let server = server("IDEM_TEST_POSTGRES_URL").parse().expect("a URL of PostgreSQL");
        let schema = Self { name: random_name(), server, outside: None };
        let mut on = schema.server.connect().await.expect("a server");
        Self::execute_on(&mut on, &format!("CREATE SCHEMA {}", schema.name)).await.expect("a new schema");
        schema
    }

    fn connect_options(&self) -> PgConnectOptions {
        self.server.clone().options([("search_path", &self.name)])
    }

    /// Prepared; written out, as for PgBouncer; written out where a backslash in a plain literal would be an escape.
    fn ways_to_connect(&self) -> Vec<PgConnectOptions> {
        let written_out = self.connect_options().statement_cache_capacity(0);
        vec![
            self.connect_options(),
            written_out.clone(),
            written_out.options([("standard_conforming_strings", "off"), ("backslash_quote", "off")]),
        ]
    }

    fn outside(&self) -> Option<(PgConnectOptions, &str)> {
        Some((self.server.clone(), &self.name))
    }

    fn store_on(pool: PgPool) -> PgStore {
        PgStore::new(pool)
    }

    fn store_in(pool: PgPool, table: &str) -> Result<PgStore, StoreError> {
        PgStore::with_table(pool, table)
    }

    fn time_limited(store: PgStore, limit: Duration) -> PgStore {
        store.time_limit(limit)
    }

    async fn migrate(store: &PgStore) -> Result<(), StoreError> {
        store.migrate().await
    }

    fn pool_of(store: &PgStore) -> &PgPool {
        store.pool()
    }

    async fn execute_on(on: &mut PgConnection, sql: &str) -> Result<(), sqlx::Error> {
        sqlx::raw_sql(AssertSqlSafe(sql)).execute(on).await.map(drop)
    }

    async fn rows_on(on: &mut PgConnection, sql: &str) -> Result<Rows, sqlx::Error> {
        text_rows(on, sql).await
    }
}

impl Schema {
    /// One with the table, in a database of its own: what PostgreSQL can clean up depends on the transactions that are open
    /// anywhere in a database.
    pub(crate) async fn migrated_alone() -> Self {
        let outside: PgConnectOptions = server("IDEM_TEST_POSTGRES_URL").parse().expect("a URL of PostgreSQL");
        let name = random_name();
        let mut on = outside.connect().await.expect("a server");
        Self::execute_on(&mut on, &format!("CREATE DATABASE {name}")).await.expect("a new database");
        let server = outside.clone().database(&name);
        let mut on = server.connect().await.expect("a server");
        Self::execute_on(&mut on, &format!("CREATE SCHEMA {name}")).await.expect("a new schema");
        let schema = Self { name, server, outside: Some(outside) };
        Self::migrate(&schema.store().await).await.expect("a new schema");
        schema
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// The server, without the schema on the search path.
    pub(crate) fn server(&self) -> PgConnectOptions {
        self.server.clone()
    }
}

impl Drop for Schema {
    fn drop(&mut self) {
        let (server, name, outside) = (self.server.clone(), self.name.clone(), self.outside.clone());
        wait_for(async move {
            if let Some(outside) = outside {
                let Ok(mut on) = outside.connect().await else { return };
                let _ = Self::execute_on(&mut on, &format!("DROP DATABASE {name} WITH (FORCE)")).await;
                return;
            }
            let Ok(mut on) = server.connect().await else { return };
            // A transaction that a test left open may still hold a lock; then the schema stays.
            let drop = format!("SET lock_timeout = '1s'; DROP SCHEMA {name} CASCADE");
            let _ = Self::execute_on(&mut on, &drop).await;
        });
    }
}
