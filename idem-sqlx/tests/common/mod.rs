//! What the tests of the SQL stores share. How to use it:
//!
//! - A case for all three databases is `async fn a_sentence<D: TestDatabase>(database: &D)`, and its name stands in
//!   `common::on_each_database! { a_sentence … }`, which makes `sqlite::a_sentence`, `postgres::…`, `mysql::…`; those of
//!   servers are `#[ignore]`d, see `cargo xtask with-servers cargo test … -- --include-ignored`.
//! - `database` is new, is the case's own, has the table `idem_records`, and is removed when it is dropped.
//! - Stores: `database.store().await` (a pool of 4 of its own), `D::store_on(pool)`, `D::store_in(pool, "schema.table")`.
//! - Pools: `database.pool(connections).await`, or any options with `connect_with(database.connect_options())`.
//! - SQL: `database.execute(sql)`, `.number(sql)`, `.texts(sql)`, `.rows(sql)`; on a connection or a transaction
//!   `D::execute_on(&mut tx, sql)`, `D::rows_on(&mut tx, sql)`. `D::NOW` is the clock in microseconds, in SQL.
//! - A test of one database: `let database = Schema::migrated().await` (`sqlite::Folder`, `postgres::Schema`,
//!   `mysql::Database`), with `#[ignore = "needs a server: cargo xtask test"]` if it is not SQLite.
#![allow(dead_code, unused_imports, unused_macros, reason = "each test file uses some of it")]

mod claims;
mod database;
mod dropped;
mod readers;
pub(crate) mod log;
#[cfg(any(feature = "postgres", feature = "mysql"))]
pub(crate) mod proxy;
#[cfg(feature = "sqlite")]
pub(crate) mod sqlite;
#[cfg(feature = "postgres")]
pub(crate) mod postgres;
#[cfg(feature = "mysql")]
pub(crate) mod mysql;

pub(crate) use claims::{HOUR, acquire, fingerprint, finish, key, outcome, request};
pub(crate) use database::{ConnectOptions, Connection, Rows, TestDatabase, on_each_database};
pub(crate) use dropped::dropped_after;
pub(crate) use readers::become_readers;
#[cfg(feature = "sqlite")]
pub(crate) use sqlite::Folder;
