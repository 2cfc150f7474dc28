//! The SQL stores of idem, over sqlx.
//!
//! Each store takes the application's own pool, and keeps its records in one table there. The feature of the database
//! brings it in: `sqlite`.
#![cfg_attr(docsrs, feature(doc_cfg))]

#[cfg(feature = "sqlite")]
mod error;
#[cfg(feature = "sqlite")]
mod hex;
#[cfg(feature = "sqlite")]
mod row;
#[cfg(feature = "sqlite")]
mod sqlite;
#[cfg(feature = "sqlite")]
mod table;

#[cfg(feature = "sqlite")]
pub use sqlite::SqliteStore;
