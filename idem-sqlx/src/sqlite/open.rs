//! Opening a file, and making the table.

use std::path::Path;
use std::time::Duration;

use idem_core::StoreError;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection};

use super::backend::SqliteBackend;
use super::{SqliteStore, error_of};
use crate::backend::Backend as _;

const MIGRATION: &str = include_str!("../../migrations/sqlite/0001_idem_records.sql");

/// How long a statement waits for another process that writes.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

impl SqliteStore {
    /// Opens a database file of its own, makes it if there is none, and [migrates](Self::migrate) it.
    ///
    /// The file is in WAL mode, with `synchronous = FULL` and a busy time-out of five seconds.
    ///
    /// # Errors
    ///
    /// If the file cannot be opened or written, or cannot be in WAL mode: `:memory:` cannot, nor can a file system
    /// without shared memory.
    pub async fn open(path: impl AsRef<Path> + Send) -> Result<Self, StoreError> {
        let options = SqliteConnectOptions::new()
            .filename(path.as_ref())
            .synchronous(SqliteSynchronous::Full)
            .busy_timeout(BUSY_TIMEOUT);
        turn_to_wal(options.clone().create_if_missing(true)).await?;
        let pool = SqlitePoolOptions::new()
            // A connection is a thread of this process, so there is nothing to test.
            .test_before_acquire(false)
            .connect_with(options)
            .await
            .map_err(error_of)?;
        let store = Self::new(pool);
        store.migrate().await?;
        Ok(store)
    }

    /// Makes the table, its index and its view, unless they are there. Any number of processes may do so at once.
    ///
    /// Those who have their own tool for migrations run `migrations/sqlite/0001_idem_records.sql` instead.
    ///
    /// # Errors
    ///
    /// If the database cannot be written.
    pub async fn migrate(&self) -> Result<(), StoreError> {
        let mut on = self.inner.writing(self.inner.deadline()).await?;
        let migration = self.inner.records.table.migration(MIGRATION, SqliteBackend::SYNTAX.quote);
        // Each statement is its own transaction and says `IF NOT EXISTS`, which SQLite looks at again once it may write.
        sqlx::raw_sql(AssertSqlSafe(migration)).execute(&mut *on.connection).await.map_err(error_of)?;
        Ok(())
    }
}

/// Turns a file to WAL, which it then is for good. That takes a lock that SQLite does not wait for, so we do.
async fn turn_to_wal(options: SqliteConnectOptions) -> Result<(), StoreError> {
    const PAUSE: Duration = Duration::from_millis(10);

    let options = options.journal_mode(SqliteJournalMode::Wal);
    let mut waited = Duration::ZERO;
    let mut connection = loop {
        match options.connect().await.map_err(error_of) {
            Err(error) if error.is_retryable() && options.get_filename().exists() && waited < BUSY_TIMEOUT => {
                tokio::time::sleep(PAUSE).await;
                waited += PAUSE;
            }
            connected => break connected?,
        }
    };
    let mode: String = sqlx::query_scalar("PRAGMA journal_mode").fetch_one(&mut connection).await.map_err(error_of)?;
    connection.close().await.map_err(error_of)?;
    if mode == "wal" {
        return Ok(());
    }
    Err(StoreError::refused(
        "the database cannot be in WAL mode; give the path of a file on a local disk, or use `MemoryStore` for none",
        None,
    ))
}

#[cfg(test)]
mod tests {
    use super::MIGRATION;
    use crate::table::Table;

    #[test]
    fn a_migration_names_nothing_but_its_own_table() {
        let other = Table::new("audit").expect("a name").migration(MIGRATION, '"');
        assert!(!other.contains("idem_records"));
        assert!(other.contains("\"audit_purge_from\" ON \"audit\""));
    }
}
