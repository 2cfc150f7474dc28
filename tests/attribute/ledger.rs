//! Rows of an application, in the database where its store is.

use idem::{Error, SqliteStore};
use sqlx::{Sqlite, SqliteConnection, Transaction};
use tempfile::TempDir;

pub(crate) type SqliteTransaction<'c> = Transaction<'c, Sqlite>;

/// A ledger and its store, in one database.
#[derive(Clone)]
pub(crate) struct Ledger {
    pub(crate) idem: SqliteStore,
}

#[derive(Debug)]
pub(crate) enum LedgerError {
    Declined,
    Idem(Error),
    Sqlx(sqlx::Error),
}

impl Ledger {
    /// A new ledger, in a folder that is removed with it.
    pub(crate) async fn open() -> (Self, TempDir) {
        let folder = tempfile::tempdir().unwrap();
        let idem = SqliteStore::open(folder.path().join("ledger.db")).await.unwrap();
        sqlx::query("CREATE TABLE entries (amount INTEGER)").execute(idem.pool()).await.unwrap();
        (Self { idem }, folder)
    }

    pub(crate) async fn begin(&self) -> SqliteTransaction<'static> {
        self.idem.pool().begin().await.unwrap()
    }

    /// How many entries are committed.
    pub(crate) async fn entries(&self) -> i64 {
        sqlx::query_scalar("SELECT count(*) FROM entries").fetch_one(self.idem.pool()).await.unwrap()
    }
}

/// Makes an entry, and says how many there are.
pub(crate) async fn enter(on: &mut SqliteConnection, amount: i64) -> Result<i64, sqlx::Error> {
    sqlx::query("INSERT INTO entries VALUES (?1)").bind(amount).execute(&mut *on).await?;
    sqlx::query_scalar("SELECT count(*) FROM entries").fetch_one(on).await
}

impl LedgerError {
    /// The error of the call, which must be one of the library.
    pub(crate) fn idem(self) -> Error {
        match self {
            Self::Idem(error) => error,
            Self::Declined => panic!("declined"),
            Self::Sqlx(error) => panic!("{error}"),
        }
    }
}

impl From<Error> for LedgerError {
    fn from(error: Error) -> Self {
        Self::Idem(error)
    }
}

impl From<sqlx::Error> for LedgerError {
    fn from(error: sqlx::Error) -> Self {
        Self::Sqlx(error)
    }
}
