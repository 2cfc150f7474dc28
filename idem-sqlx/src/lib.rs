//! The SQL stores of idem, over sqlx.
//!
//! Each store takes the application's own pool, and keeps its records in one table there. The feature of the database
//! brings it in: `postgres`, `mysql`, `sqlite`. Without any of them, this crate is empty.
#![cfg(any(feature = "postgres", feature = "mysql", feature = "sqlite"))]
#![cfg_attr(docsrs, feature(doc_cfg))]

// In reading order: what a statement is, what a row is, what a backend says, what is done with its records, the stores,
// and what is run in transactions.
mod statement;
mod statements;
mod values;
mod row;
mod table;
mod error;
mod backend;
mod records;
mod races;
mod borrowed;
mod spare;
mod turns;
mod pooled;
mod renewing;
mod waiting;
mod store;
mod joined;
#[cfg(feature = "postgres")]
mod postgres;
#[cfg(feature = "mysql")]
mod mysql;
#[cfg(feature = "sqlite")]
mod sqlite;
mod transaction;
mod inbox;
pub mod entity;

pub use inbox::{Advance, Inbox, InboxDatabase, InboxTransaction};
#[cfg(feature = "mysql")]
pub use mysql::MySqlStore;
#[cfg(feature = "postgres")]
pub use postgres::PgStore;
#[cfg(feature = "sqlite")]
pub use sqlite::SqliteStore;
pub use transaction::{
    Cause, LentTransaction, TransactionDatabase, TransactionError, ViaError, ViaReference, in_transaction,
};
