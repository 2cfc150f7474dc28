//! A store in an SQLite database.

mod open;
mod backend;
mod error;

use std::sync::Arc;

use idem_core::StoreError;
use sqlx::sqlite::SqlitePool;
use sqlx::{Sqlite, SqliteConnection};

use crate::pooled::Pooled;
use crate::records::Records;
use crate::store::store;
use crate::table::Table;
pub(crate) use backend::SqliteBackend;

/// A store in an SQLite database, for one or several processes on one machine. SQLite 3.42 or later.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let folder = tempfile::tempdir()?;
/// # let path = folder.path().join("app.db");
/// use idem_core::{Key, Scope, Store};
/// use idem_sqlx::SqliteStore;
///
/// let store = SqliteStore::open(path).await?;
/// let key = Key::new(Scope::from_static("payments.charge"), "order-17")?;
/// assert_eq!(store.lookup(&key).await?, None);
/// # Ok(()) }
/// ```
///
/// A claim reads first, and writes only if it acquires; a replay is one `SELECT`. Every statement is a transaction of
/// its own.
///
/// # The pool
///
/// [`new`](Self::new) takes the application's own pool. What it should have:
///
/// - `journal_mode(SqliteJournalMode::Wal)`: else a replay waits for whoever writes.
/// - `synchronous(SqliteSynchronous::Full)`: with `NORMAL`, a power cut forgets outcomes that were acknowledged, and
///   their calls run again.
/// - `busy_timeout(…)`, which sqlx sets to 5 s: how long a write waits for the writer before it. After that it fails with
///   an error that is [retryable](StoreError::is_retryable).
/// - `test_before_acquire(false)`: with sqlx's default every call costs one more round trip to the connection's thread.
/// - More than one connection, and a file: each connection to `:memory:` is a database of its own.
///
/// SQLite has one writer at a time. A body that leaves a write transaction open on the same file makes its own
/// completion wait for it, and a process that is stopped in the middle of a write stops all others that write.
///
/// Renewals, and completions that find the whole pool in use, have a connection of their own each, unless there is no file:
/// then another connection would be another database.
///
/// Clones share the pool, and one place in the queue of writers. The calls may come from any runtime of tokio.
#[derive(Clone)]
pub struct SqliteStore {
    inner: Arc<Pooled<SqliteBackend>>,
}

impl SqliteStore {
    /// A store in the table `idem_records` of the application's own database, see [`migrate`](Self::migrate).
    #[must_use]
    pub fn new(pool: SqlitePool) -> Self {
        Self::in_table(pool, Table::default())
    }

    /// A store in a table of another name.
    ///
    /// # Errors
    ///
    /// If the name has anything but letters, digits and underscores, begins with a digit, or is longer than 52.
    pub fn with_table(pool: SqlitePool, table: &str) -> Result<Self, StoreError> {
        Ok(Self::in_table(pool, Table::new(table)?))
    }

    fn in_table(pool: SqlitePool, table: Table) -> Self {
        Self { inner: Arc::new(Pooled::new(pool, Records::new(SqliteBackend::new(&table), table))) }
    }
}

store!(SqliteStore, Sqlite, SqliteConnection);

/// Whether a transaction is open. While one is, SQLite refuses to change how safely files are written, and those for what is
/// temporary have no such setting to change: so this changes nothing, wherever the caller goes away. It goes to a thread of this
/// process.
pub(crate) async fn is_open(on: &mut SqliteConnection) -> Result<bool, sqlx::Error> {
    match sqlx::raw_sql("PRAGMA temp.synchronous = FULL").execute(on).await {
        Ok(_) => Ok(false),
        Err(error) if error::is_about_the_statement(&error) => Ok(true),
        Err(error) => Err(error),
    }
}

fn error_of(error: sqlx::Error) -> StoreError {
    crate::error::store_error(error, error::meaning)
}
