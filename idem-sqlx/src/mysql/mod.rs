//! A store in a MySQL or MariaDB database.

mod open;
mod backend;
mod error;

use std::sync::Arc;

use idem_core::StoreError;
use sqlx::mysql::MySqlPool;
use sqlx::{MySql, MySqlConnection};

use crate::pooled::{Pooled, store};
use crate::table::Table;
use backend::MySqlBackend;

/// A store in a MySQL or MariaDB database, for any number of processes and machines. MySQL 8.0.16, MariaDB 10.6 or later.
///
/// A claim of a free key is two statements, since neither database can look and insert in one; a replay is one, which
/// writes nothing and takes no lock. Every statement is a transaction of its own, unless it [joins](idem_core::Join) the
/// caller's.
///
/// # The pool
///
/// [`new`](Self::new) takes the application's own pool. What it should have:
///
/// - `test_before_acquire(false)`: with sqlx's default every call costs one more round trip.
///
/// Any isolation level, time zone and default collation will do. With `innodb_flush_log_at_trx_commit` other than 1, a
/// crash of the server forgets claims and outcomes that were acknowledged, and their calls run again.
///
/// Clones share the pool. The calls may come from any runtime of tokio.
#[derive(Clone)]
pub struct MySqlStore {
    inner: Arc<Pooled<MySqlBackend>>,
}

impl MySqlStore {
    /// A store in the table `idem_records` of the application's own database, see [`migrate`](Self::migrate).
    #[must_use]
    pub fn new(pool: MySqlPool) -> Self {
        Self::in_table(pool, Table::default())
    }

    /// A store in a table of another name, or in another database of the same server: `"calls"`, `"billing.calls"`.
    ///
    /// # Errors
    ///
    /// If a name has anything but letters, digits and underscores, begins with a digit, or is longer than 52.
    pub fn with_table(pool: MySqlPool, table: &str) -> Result<Self, StoreError> {
        Ok(Self::in_table(pool, Table::qualified(table)?))
    }

    fn in_table(pool: MySqlPool, table: Table) -> Self {
        Self { inner: Arc::new(Pooled::new(pool, MySqlBackend::new(&table), table)) }
    }
}

store!(MySqlStore, MySql, MySqlConnection);

fn error_of(error: sqlx::Error) -> StoreError {
    crate::error::store_error(error, error::meaning)
}
