//! Making the tables, and forgetting what is old.

use idem_core::StoreError;
use sqlx::{ColumnIndex, Decode, Pool, Row, Type};

use crate::backend::{Backend, Connection};
use crate::error::store_error;
use crate::transaction::{Fate, held, roll_back};

use super::inner::Inner;
use super::{Inbox, InboxDatabase};

impl Inbox {
    /// Makes the tables of the inbox, unless they are there. Any number of processes may do so at once, and consumers that
    /// share a table need only one to.
    ///
    /// A schema must be there. Where PostgreSQL has all of them, nothing is locked and no right to make tables is needed. Those
    /// who have their own tool for migrations run `migrations/<database>/0002_idem_inbox.sql` instead.
    ///
    /// # Errors
    ///
    /// If the database cannot be written. On SQLite, if the table is to stand in an attached database.
    pub async fn migrate<DB: InboxDatabase>(&self, pool: &Pool<DB>) -> Result<(), StoreError> {
        held::check_writer(pool).map_err(DB::error)?;
        let mut on = held::acquire(pool).await.map_err(DB::error)?;
        DB::migrate(&mut on, &self.inner).await
    }

    /// Forgets up to `limit` messages of this consumer that came longer ago than [`remember_for`](Self::remember_for),
    /// the oldest first, and says how many. Several may purge at once.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let folder = tempfile::tempdir()?;
    /// # let pool = idem_sqlx::SqliteStore::open(folder.path().join("app.db")).await?.pool().clone();
    /// # let inbox = idem_sqlx::Inbox::new("ledger")?;
    /// # inbox.migrate(&pool).await?;
    /// # let mut tx = pool.begin().await?;
    /// # assert!(inbox.first_time(&mut tx, "a").await?);
    /// # tx.commit().await?;
    /// // Every hour or so:
    /// while inbox.purge(&pool, 1_000).await? == 1_000 {}
    /// # let mut tx = pool.begin().await?;
    /// # assert!(!inbox.first_time(&mut tx, "a").await?);
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// If the table is missing, or the database fails.
    pub async fn purge<DB: InboxDatabase>(&self, pool: &Pool<DB>, limit: u32) -> Result<u64, StoreError> {
        // In a transaction, since a session may commit nothing by itself (`autocommit = 0`), and some poolers move statements
        // that are prepared outside of one to another server.
        let mut tx = DB::begin(pool).await.map_err(DB::error)?;
        let age = i64::try_from(self.remember_for.as_micros()).unwrap_or(i64::MAX);
        match DB::purge(&mut tx, &self.inner, age, limit).await {
            Ok(removed) => tx.commit().await.map(|()| removed).map_err(DB::error),
            Err(error) => {
                let fate = Fate::after::<DB>(&error);
                let error = DB::explain(&mut tx, &self.inner, error).await;
                roll_back(pool, tx, fate).await;
                Err(error)
            }
        }
    }
}

/// What an error means.
pub(super) fn error_of<B: Backend>(error: sqlx::Error) -> StoreError {
    store_error(error, B::meaning)
}

/// What an error of a statement means.
pub(super) async fn explain<B: Backend>(on: &mut Connection<B>, inbox: &Inner, error: sqlx::Error) -> StoreError {
    for table in [&inbox.messages, &inbox.marks] {
        if B::table_is_missing(on, table, &error).await {
            let (table, migrations) = (&inbox.messages, B::MIGRATIONS);
            return StoreError::refused(
                format!("a table of the inbox `{table}` is missing; call `Inbox::migrate` or run `{migrations}`"),
                Some(error.into()),
            );
        }
    }
    error_of::<B>(error)
}

/// The first number of what a statement gives.
pub(super) fn first_number<R>(rows: &[R]) -> Result<Option<i64>, sqlx::Error>
where
    R: Row,
    usize: ColumnIndex<R>,
    for<'r> i64: Decode<'r, R::Database> + Type<R::Database>,
{
    rows.first().map(|row| row.try_get(0)).transpose()
}
