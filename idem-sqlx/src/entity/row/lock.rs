//! Rows that are locked until the end of a transaction.

use std::fmt;
use std::marker::PhantomData;

use sqlx::Transaction;

use super::read;
use crate::entity::database::Database;
use crate::entity::error::EntityError;
use crate::entity::facts::stored::StoredIn;
use crate::entity::sql::statements::SelectLocked;
use crate::entity::versioned::Versioned;

/// A database that locks rows: PostgreSQL and MySQL.
#[diagnostic::on_unimplemented(
    message = "SQLite has no row locks",
    label = "no rows can be locked here",
    note = "a write transaction locks the whole database: begin it with `BEGIN IMMEDIATE`, as `in_transaction` does, and \
            load the row in it"
)]
pub trait RowLocks: Database {
    /// The end of a statement that locks: [`Strength::INDEX`], then [`Wait::INDEX`].
    #[doc(hidden)]
    const CLAUSES: [[&'static str; 3]; 2];

    /// Whether somebody else holds the lock that a statement would not wait for.
    #[doc(hidden)]
    fn is_locked(error: &sqlx::Error) -> bool;
}

#[cfg(feature = "postgres")]
impl RowLocks for sqlx::Postgres {
    const CLAUSES: [[&'static str; 3]; 2] = [
        [" FOR UPDATE", " FOR UPDATE NOWAIT", " FOR UPDATE SKIP LOCKED"],
        [" FOR SHARE", " FOR SHARE NOWAIT", " FOR SHARE SKIP LOCKED"],
    ];

    fn is_locked(error: &sqlx::Error) -> bool {
        error.as_database_error().and_then(sqlx::error::DatabaseError::code).as_deref() == Some("55P03")
    }
}

#[cfg(feature = "mysql")]
impl RowLocks for sqlx::MySql {
    /// Only `LOCK IN SHARE MODE` is known to both MySQL and MariaDB, and it says no more on MySQL.
    const CLAUSES: [[&'static str; 3]; 2] = [
        [" FOR UPDATE", " FOR UPDATE NOWAIT", " FOR UPDATE SKIP LOCKED"],
        [
            " LOCK IN SHARE MODE",
            " /*M! LOCK IN SHARE MODE NOWAIT */ /*!80001 FOR SHARE NOWAIT */",
            " /*M! LOCK IN SHARE MODE SKIP LOCKED */ /*!80001 FOR SHARE SKIP LOCKED */",
        ],
    ];

    /// MariaDB calls it a lock wait time-out.
    fn is_locked(error: &sqlx::Error) -> bool {
        let error =
            error.as_database_error().and_then(|error| error.try_downcast_ref::<sqlx::mysql::MySqlDatabaseError>());
        error.is_some_and(|error| matches!(error.number(), 3572 | 1205))
    }
}

/// A row that is about to be locked: say how, with [`for_update`](Self::for_update) or [`for_share`](Self::for_share).
#[must_use = "nothing is locked until `.one()` is awaited"]
pub struct LockRow<'t, T: Versioned, DB: Database> {
    connection: &'t mut DB::Connection,
    address: T::Address,
    means: Means,
}

/// How the database locks rows. Taken along, so that a database that does not is found wanting once, and not by each method.
#[derive(Clone, Copy)]
struct Means {
    sql: [[&'static str; 3]; 2],
    is_locked: fn(&sqlx::Error) -> bool,
}

impl<'t, T: Versioned, DB: Database> LockRow<'t, T, DB> {
    pub(in crate::entity) fn new(transaction: &'t mut Transaction<'_, DB>, address: T::Address) -> Self
    where
        DB: RowLocks,
    {
        let sql = [
            [
                SelectLocked::<T, DB, ForUpdate, UntilFree>::SQL,
                SelectLocked::<T, DB, ForUpdate, AtOnce>::SQL,
                SelectLocked::<T, DB, ForUpdate, IfFree>::SQL,
            ],
            [
                SelectLocked::<T, DB, ForShare, UntilFree>::SQL,
                SelectLocked::<T, DB, ForShare, AtOnce>::SQL,
                SelectLocked::<T, DB, ForShare, IfFree>::SQL,
            ],
        ];
        Self { connection: &mut *transaction, address, means: Means { sql, is_locked: DB::is_locked } }
    }

    /// Nobody else may write the row, or lock it in any way.
    pub fn for_update(self) -> Lock<'t, T, DB, ForUpdate, UntilFree> {
        Lock::new(self.connection, self.address, self.means)
    }

    /// Nobody else may write the row; others may lock it for share too.
    ///
    /// Two that hold it so and then both write it wait for each other, which the database ends with a deadlock: for a row
    /// that is going to be written, take [`for_update`](Self::for_update).
    pub fn for_share(self) -> Lock<'t, T, DB, ForShare, UntilFree> {
        Lock::new(self.connection, self.address, self.means)
    }
}

/// A lock of a row, until the transaction ends.
#[must_use = "nothing is locked until `.one()` is awaited"]
pub struct Lock<'t, T: Versioned, DB: Database, S, W> {
    connection: &'t mut DB::Connection,
    address: T::Address,
    means: Means,
    how: PhantomData<fn() -> (S, W)>,
}

impl<'t, T: Versioned, DB: Database, S: Strength, W: Wait> Lock<'t, T, DB, S, W> {
    fn new(connection: &'t mut DB::Connection, address: T::Address, means: Means) -> Self {
        Self { connection, address, means, how: PhantomData }
    }

    /// Locks the row and returns it as it is by then, or `None` if there is none, or if it was skipped.
    ///
    /// # Errors
    ///
    /// If the database fails; with `nowait`, one that [`is_locked`](EntityError::is_locked) if somebody else holds the row.
    pub async fn one(self) -> Result<Option<T>, EntityError>
    where
        T: StoredIn<DB>,
    {
        let Means { sql, is_locked } = self.means;
        let read = read::at(self.connection, sql[S::INDEX][W::INDEX], &self.address).await;
        read.map_err(|error| error.locked_if(|error| W::IS_AT_ONCE && is_locked(error)))
    }
}

impl<'t, T: Versioned, DB: Database, S: Strength> Lock<'t, T, DB, S, UntilFree> {
    /// Does not wait if somebody else holds the row: that is an error that [`is_locked`](EntityError::is_locked).
    pub fn nowait(self) -> Lock<'t, T, DB, S, AtOnce> {
        Lock::new(self.connection, self.address, self.means)
    }

    /// Passes over the row if somebody else holds it: then it is not found, as if it were not there.
    pub fn skip_locked(self) -> Lock<'t, T, DB, S, IfFree> {
        Lock::new(self.connection, self.address, self.means)
    }
}

impl<T: Versioned, DB: Database> fmt::Debug for LockRow<'_, T, DB> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LockRow").field("table", &T::TABLE.name).finish_non_exhaustive()
    }
}

impl<T: Versioned, DB: Database, S, W> fmt::Debug for Lock<'_, T, DB, S, W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Lock").field("table", &T::TABLE.name).finish_non_exhaustive()
    }
}

/// How strong a lock is: [`ForUpdate`] or [`ForShare`].
pub trait Strength: sealed::Sealed + 'static {
    /// Its place in [`RowLocks::CLAUSES`].
    #[doc(hidden)]
    const INDEX: usize;
}

/// How long a lock is waited for: [`UntilFree`], [`AtOnce`] or [`IfFree`].
pub trait Wait: sealed::Sealed + 'static {
    /// Its place in [`RowLocks::CLAUSES`].
    #[doc(hidden)]
    const INDEX: usize;
    /// Whether a row that somebody else holds is an error.
    #[doc(hidden)]
    const IS_AT_ONCE: bool = false;
}

/// Against writers and all other locks.
#[derive(Debug, Clone, Copy)]
pub enum ForUpdate {}

/// Against writers.
#[derive(Debug, Clone, Copy)]
pub enum ForShare {}

/// As long as it takes, or as the database's time-out says.
#[derive(Debug, Clone, Copy)]
pub enum UntilFree {}

/// Not at all: it fails if the row is not free.
#[derive(Debug, Clone, Copy)]
pub enum AtOnce {}

/// Not at all: it finds nothing if the row is not free.
#[derive(Debug, Clone, Copy)]
pub enum IfFree {}

impl Strength for ForUpdate {
    const INDEX: usize = 0;
}

impl Strength for ForShare {
    const INDEX: usize = 1;
}

impl Wait for UntilFree {
    const INDEX: usize = 0;
}

impl Wait for AtOnce {
    const INDEX: usize = 1;
    const IS_AT_ONCE: bool = true;
}

impl Wait for IfFree {
    const INDEX: usize = 2;
}

mod sealed {
    pub trait Sealed {}
    impl Sealed for super::ForUpdate {}
    impl Sealed for super::ForShare {}
    impl Sealed for super::UntilFree {}
    impl Sealed for super::AtOnce {}
    impl Sealed for super::IfFree {}
}
