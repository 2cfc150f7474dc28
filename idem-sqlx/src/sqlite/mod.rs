//! A store in an SQLite database.

mod open;
mod store;
mod statements;
mod parameters;
mod error;

use std::fmt;
use std::sync::Arc;

use idem_core::decision::{HolderWrite, Holding, decide_write};
use idem_core::{AsStore, Claim, ClaimRequest, Fence, Key, Store, StoreError};
use sqlx::sqlite::SqlitePool;
use sqlx::{AssertSqlSafe, Row as _};
use tokio::sync::{Semaphore, SemaphorePermit};

use crate::error::store_error;
use crate::row::{self, Found};
use crate::table::Table;
use parameters::{SqliteQuery, as_found, claimed, on_key};
use statements::Statements;

/// How often a race is lost before the caller is told to try again. Each time, somebody else got on.
const MOST_RACES: u32 = 16;

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
/// Clones share the pool, and one place in the queue of writers. The calls may come from any runtime of tokio.
#[derive(Clone)]
pub struct SqliteStore {
    inner: Arc<Inner>,
}

struct Inner {
    pool: SqlitePool,
    table: Table,
    statements: Statements,
    /// Writers queue here, in order, and not in SQLite, which would have them sleep and try again.
    writer: Semaphore,
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
    /// If the name has anything but letters, digits and underscores, begins with a digit, or is longer than 63.
    pub fn with_table(pool: SqlitePool, table: &str) -> Result<Self, StoreError> {
        Ok(Self::in_table(pool, Table::new(table)?))
    }

    /// The pool, for the application's own statements.
    #[must_use]
    pub fn pool(&self) -> &SqlitePool {
        &self.inner.pool
    }

    fn in_table(pool: SqlitePool, table: Table) -> Self {
        let statements = Statements::new(&table);
        Self { inner: Arc::new(Inner { pool, table, statements, writer: Semaphore::new(1) }) }
    }

    async fn find(&self, key: &Key) -> Result<Found, StoreError> {
        let query = on_key(&self.inner.statements.find, key);
        match query.fetch_one(&self.inner.pool).await {
            Ok(row) => row::read(&row, key),
            Err(error) => Err(self.explain(error).await),
        }
    }

    /// Writes what the decision `claim` says, if the record is still as it was found; the fence of the claim if it was.
    async fn acquire(&self, request: &ClaimRequest, claim: &Claim, found: &Found) -> Result<Option<Fence>, StoreError> {
        let query = match &found.record {
            None => claimed(&self.inner.statements.insert, request, claim),
            Some(record) => as_found(claimed(&self.inner.statements.take, request, claim), claim, record, found.now),
        };
        let _turn = self.turn().await?;
        // All rows, though there is one at most: sqlx stops a statement at the row that it was asked for, and then nobody
        // hears whether its commit failed.
        match query.fetch_all(&self.inner.pool).await {
            Ok(rows) => rows.first().map(|row| row.try_get(0).map(Fence::from_number)).transpose().map_err(error_of),
            Err(error) => Err(self.explain(error).await),
        }
    }

    /// Applies a write by the holder of `claim`, and reads why if nothing was written.
    async fn write<'q>(
        &self,
        claim: &Claim,
        write: HolderWrite,
        query: impl Fn() -> SqliteQuery<'q> + Send,
    ) -> Result<(), StoreError> {
        for _ in 0..MOST_RACES {
            if self.execute(query()).await? > 0 {
                return Ok(());
            }
            match decide_write(self.find(&claim.key).await?.record.as_ref(), claim.claim_id, write) {
                // The same claim was acquired again in between, by a request that was repeated.
                Holding::Held => {}
                Holding::Repeated => return Ok(()),
                Holding::Lost => return Err(StoreError::claim_lost()),
            }
        }
        Err(too_many_races())
    }

    /// Runs a statement that writes, and says how many rows it changed.
    async fn execute(&self, query: SqliteQuery<'_>) -> Result<u64, StoreError> {
        let _turn = self.turn().await?;
        match query.execute(&self.inner.pool).await {
            Ok(done) => Ok(done.rows_affected()),
            Err(error) => Err(self.explain(error).await),
        }
    }

    /// Waits to be the one that writes in this process, before it takes a connection: those who wait hold none. As long
    /// as it would wait for a connection at most, since the one before may be waiting for one.
    async fn turn(&self) -> Result<SemaphorePermit<'_>, StoreError> {
        if let Ok(turn) = self.inner.writer.try_acquire() {
            return Ok(turn);
        }
        let longest = self.inner.pool.options().get_acquire_timeout();
        match tokio::time::timeout(longest, self.inner.writer.acquire()).await {
            Ok(Ok(turn)) => Ok(turn),
            // The semaphore is never closed.
            Ok(Err(closed)) => Err(StoreError::unavailable(closed)),
            Err(elapsed) => Err(StoreError::unavailable(elapsed)),
        }
    }

    /// The error of the store. SQLite has no code for a table that is missing, so it is asked.
    async fn explain(&self, error: sqlx::Error) -> StoreError {
        let Inner { pool, table, statements, .. } = &*self.inner;
        if error::is_about_the_statement(&error) {
            let exists = sqlx::query_scalar(AssertSqlSafe(statements.table_exists.clone()))
                .bind(table.name())
                .fetch_one(pool)
                .await;
            if matches!(exists, Ok(false)) {
                let name = table.name();
                return StoreError::refused(
                    format!("table `{name}` is missing; call `migrate()` or run `migrations/sqlite/*.sql`"),
                    Some(error.into()),
                );
            }
        }
        error_of(error)
    }
}

impl fmt::Debug for SqliteStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SqliteStore").field("table", &self.inner.table.name()).finish_non_exhaustive()
    }
}

impl AsStore for SqliteStore {
    fn as_store(&self) -> Arc<dyn Store> {
        Arc::new(self.clone())
    }
}

fn error_of(error: sqlx::Error) -> StoreError {
    store_error(error, error::meaning)
}

fn too_many_races() -> StoreError {
    StoreError::unavailable("others wrote the same record each time; try again")
}
