//! Rows whose writes are guarded: what is written, what is answered, and that nothing is lost.
#![cfg(all(feature = "sqlite", feature = "postgres", feature = "mysql"))]

#[path = "../common/mod.rs"]
mod common;
mod samples;
mod updates;
mod batches;
mod retries;
mod inserts;
mod deletions;
mod ended;
mod copies;
mod locks;
mod isolation;
mod sessions;
mod raced;
mod triggers;
mod unreadable;
mod readers;
mod generated;
mod interleavings;

use chrono::{DateTime, Utc};
use common::TestDatabase;
use idem_sqlx::entity::{Database, Insertion, StoredIn, Versioned as _, Write};
use samples::Order;
use sqlx::Pool;
use sqlx::pool::PoolOptions;

/// A database that the sample entities are kept in.
trait EntityTest: TestDatabase<Sqlx: Database> {
    /// Makes the tables.
    const TABLES: &'static str;

    /// Makes the transactions of a connection those of an isolation level, where there are several.
    fn isolated(level: &str) -> String;
}

impl EntityTest for common::sqlite::Folder {
    const TABLES: &'static str = samples::SQLITE;

    fn isolated(_level: &str) -> String {
        String::new()
    }
}

impl EntityTest for common::postgres::Schema {
    const TABLES: &'static str = samples::POSTGRES;

    fn isolated(level: &str) -> String {
        format!("SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL {level}")
    }
}

impl EntityTest for common::mysql::Database {
    const TABLES: &'static str = samples::MYSQL;

    fn isolated(level: &str) -> String {
        format!("SET SESSION TRANSACTION ISOLATION LEVEL {level}")
    }
}

/// A pool on the tables, which are new.
async fn tables<D: EntityTest>(database: &D) -> Pool<D::Sqlx> {
    database.execute(D::TABLES).await;
    database.pool(8).await
}

/// The same, with an order in them.
async fn with_order<D: EntityTest>(database: &D) -> (Pool<D::Sqlx>, Order)
where
    Order: StoredIn<D::Sqlx>,
{
    let pool = tables(database).await;
    let order = inserted(Order::new(1).insert_once(&pool).await.expect("a new row"));
    (pool, order)
}

/// A pool whose transactions have an isolation level.
async fn isolated<D: EntityTest>(database: &D, level: &'static str) -> Pool<D::Sqlx> {
    PoolOptions::new()
        .max_connections(8)
        .acquire_timeout(std::time::Duration::from_mins(1))
        .after_connect(move |on, _| Box::pin(async move { D::execute_on(on, &D::isolated(level)).await }))
        .connect_with(database.connect_options())
        .await
        .expect("a pool")
}

fn inserted<T: std::fmt::Debug>(insertion: Insertion<T>) -> T {
    match insertion {
        Insertion::Inserted(row) => row,
        Insertion::Existing(_) => panic!("{insertion:?}"),
    }
}

fn applied<T: std::fmt::Debug>(write: Write<T>) -> T {
    match write {
        Write::Applied(row) => row,
        _ => panic!("{write:?}"),
    }
}

/// The row that was in the way, and the version that was expected.
fn conflict<T: std::fmt::Debug>(write: Write<T>) -> (Option<i64>, T) {
    match write {
        Write::Conflict { expected, found } => (expected, found),
        _ => panic!("{write:?}"),
    }
}

/// A day that no clock of a test tells.
const LONG_AGO: DateTime<Utc> = DateTime::from_timestamp(1_000_000_000, 0).expect("a time");
