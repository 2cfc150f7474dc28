//! SQLite: a file in a folder.

use std::path::{Path, PathBuf};
use std::time::Duration;

use idem_core::StoreError;
use idem_sqlx::SqliteStore;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{AssertSqlSafe, Connection as _, Sqlite, SqliteConnection, SqlitePool};
use tempfile::TempDir;

use super::database::{Rows, TestDatabase, text_rows};

/// A folder for a database that is removed with it.
pub(crate) struct Folder(TempDir);

impl TestDatabase for Folder {
    type Sqlx = Sqlite;
    type Store = SqliteStore;

    const NAME: &'static str = "sqlite";
    const NOW: &'static str = "(CAST(round(unixepoch('subsec') * 1000) AS INTEGER) * 1000)";
    const QUOTE: &'static str = "\"";
    const MIGRATION: &'static str = include_str!("../../migrations/sqlite/0001_idem_records.sql");
    const OLD_TABLE: &'static str = include_str!("../golden/sqlite_0_1.sql");

    async fn empty() -> Self {
        let folder = Self::new();
        // Alone, since SQLite does not wait for the lock that turning a file to WAL takes.
        let options = folder.connect_options().create_if_missing(true).journal_mode(SqliteJournalMode::Wal);
        SqliteConnection::connect_with(&options).await.expect("a file").close().await.expect("a file in WAL mode");
        folder
    }

    fn connect_options(&self) -> SqliteConnectOptions {
        SqliteConnectOptions::new()
            .filename(self.file())
            .synchronous(SqliteSynchronous::Off)
            .busy_timeout(Duration::from_secs(20))
    }

    fn outside(&self) -> Option<(SqliteConnectOptions, &str)> {
        None
    }

    fn store_on(pool: SqlitePool) -> SqliteStore {
        SqliteStore::new(pool)
    }

    fn store_in(pool: SqlitePool, table: &str) -> Result<SqliteStore, StoreError> {
        SqliteStore::with_table(pool, table)
    }

    fn time_limited(store: SqliteStore, limit: Duration) -> SqliteStore {
        store.time_limit(limit)
    }

    async fn migrate(store: &SqliteStore) -> Result<(), StoreError> {
        store.migrate().await
    }

    fn pool_of(store: &SqliteStore) -> &SqlitePool {
        store.pool()
    }

    async fn execute_on(on: &mut SqliteConnection, sql: &str) -> Result<(), sqlx::Error> {
        sqlx::raw_sql(AssertSqlSafe(sql)).execute(on).await.map(drop)
    }

    async fn rows_on(on: &mut SqliteConnection, sql: &str) -> Result<Rows, sqlx::Error> {
        text_rows(on, sql).await
    }
}

impl Folder {
    /// A folder without a file.
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().expect("a temporary folder"))
    }

    pub(crate) fn file(&self) -> PathBuf {
        self.path().join("idem.db")
    }

    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }

    /// A store as `SqliteStore::open` makes it.
    pub(crate) async fn opened(&self) -> SqliteStore {
        SqliteStore::open(self.file()).await.expect("a database")
    }

    /// A pool that waits `busy` for a writer.
    pub(crate) async fn busy_pool(&self, connections: u32, busy: Duration) -> SqlitePool {
        let options = self.connect_options().busy_timeout(busy);
        let pool = SqlitePoolOptions::new().max_connections(connections).test_before_acquire(false);
        let pool = pool.connect_lazy_with(options);
        // A pool that has just ended writes its log back in the background, and holds the file until then. A connection that
        // has read keeps whoever ends later from that.
        for _ in 0..500 {
            if sqlx::query("SELECT count(*) FROM sqlite_schema").execute(&pool).await.is_ok() {
                return pool;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("the database stays locked");
    }
}
