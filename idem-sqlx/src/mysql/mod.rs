//! A store in a MySQL or MariaDB database.

mod open;
mod sql;
mod backend;
mod joining;
mod error;

use std::sync::Arc;

use idem_core::StoreError;
use sqlx::mysql::MySqlPool;
use sqlx::{MySql, MySqlConnection};

use crate::pooled::Pooled;
use crate::records::Records;
use crate::store::store;
use crate::table::Table;
pub(crate) use backend::MySqlBackend;
pub(crate) use error::has_ended;
pub(crate) use sql::inside;

/// A store in a MySQL or MariaDB database, for any number of processes and machines. MySQL 8.0.16, MariaDB 10.6 or later; it
/// is tested on MariaDB 10.11, and on MySQL not yet.
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
/// - Room for two more on the server: one for renewals, and one for completions that find the whole pool in use, each
///   opened when it is needed.
/// - On MySQL, an `innodb_lock_wait_timeout` of a few seconds, set in `after_connect`: as long as that, 50 s by default, a
///   claim waits behind a transaction that claimed the same key and is open. On MariaDB it waits as long as the pool would
///   for a connection, and 5 s at most, whatever the session says.
///
/// On MySQL, no call of sqlx's own `begin` may be dropped before it has ended, as in a handler whose client hangs up: sqlx
/// then gives the connection back with the transaction open, and whoever has it next, a claim too, would be in it. On
/// MariaDB the store sees that, ends it and warns once. [`in_transaction`](crate::in_transaction) may be dropped at any time.
///
/// Any isolation level, time zone, SQL mode, character set and collation will do, but for `sql_safe_updates`, under which nothing
/// is purged. Sessions with `autocommit = 0` are refused. With `innodb_flush_log_at_trx_commit` other than 1, a crash of the
/// server forgets claims and outcomes that were acknowledged, and their calls run again. Without a binary log that is synced (`log_bin`, `sync_binlog = 1`), InnoDB
/// shows a commit before it has flushed it: a crash at that moment may forget an outcome that a duplicate was already
/// told. What it had done is forgotten too, and the call runs again, once.
///
/// # In the caller's transaction
///
/// A call there leaves a lock on its own row. A replay leaves none; a duplicate that waited shares one on the row until its
/// transaction ends. Of several duplicates behind a transaction that rolls back, InnoDB ends all but one as deadlocks, and
/// under `SERIALIZABLE`, where every look locks a gap, so it may with calls of other keys: run those transactions again, as
/// [`in_transaction`](crate::in_transaction) does. A duplicate that is not to wait, or not for long, is told that the key is in
/// progress, and its transaction goes on, unless the server has `innodb_rollback_on_timeout`: then the transaction is gone,
/// and the call fails with a retryable error. Whole seconds are waited, on MariaDB.
///
/// A call that joins a transaction which has ended already fails, on MariaDB without a further round trip. On MySQL each statement
/// of idem's in a transaction of the caller's costs one more, for a savepoint that finds out.
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
        let backend = MySqlBackend::new(&table, &pool);
        Self { inner: Arc::new(Pooled::new(pool, Records::new(backend, table))) }
    }
}

store!(MySqlStore, MySql, MySqlConnection);

fn error_of(error: sqlx::Error) -> StoreError {
    crate::error::store_error(error, error::meaning)
}
