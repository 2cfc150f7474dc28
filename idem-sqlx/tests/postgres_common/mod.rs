//! What the tests of PostgreSQL alone share beside `common`. A file that uses it says `mod common; mod postgres_common;`.
#![allow(dead_code, reason = "each test file uses some of it")]

use std::time::Duration;

use idem_sqlx::PgStore;
use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions};

use crate::common::TestDatabase as _;
use crate::common::postgres::Schema;

/// The three levels that PostgreSQL has.
pub(crate) const ISOLATIONS: [&str; 3] = ["read committed", "repeatable read", "serializable"];

/// A pool with these options, which makes its caller wait no longer than this for a connection.
pub(crate) async fn patient_pool(options: PgConnectOptions, connections: u32, patience: Duration) -> PgPool {
    PgPoolOptions::new()
        .max_connections(connections)
        .test_before_acquire(false)
        .acquire_timeout(patience)
        .connect_with(options)
        .await
        .expect("a pool")
}

pub(crate) async fn pool(options: PgConnectOptions, connections: u32) -> PgPool {
    patient_pool(options, connections, Duration::from_mins(1)).await
}

/// What connections of the schema's begin with when their transactions have this isolation.
pub(crate) fn isolated(schema: &Schema, isolation: &str) -> PgConnectOptions {
    schema.connect_options().options([("default_transaction_isolation", isolation)])
}

/// A store whose statements are sent with their values written out.
pub(crate) async fn unprepared(schema: &Schema) -> PgStore {
    PgStore::new(pool(schema.connect_options().statement_cache_capacity(0), 4).await)
}
