//! The databases that have an inbox, and what is a transaction there.

use std::ops::DerefMut;

use idem_core::{Lent, StoreError};
use sqlx::Transaction;

use super::inner::{Inner, Moved};
use crate::TransactionDatabase;

/// A database that can have an [`Inbox`](super::Inbox): `sqlx::Postgres`, `sqlx::MySql` and `sqlx::Sqlite`, under their
/// features.
#[diagnostic::on_unimplemented(
    message = "idem has no inbox in `{Self}`",
    note = "turn on the feature of your database: `postgres`, `mysql` or `sqlite`"
)]
pub trait InboxDatabase: TransactionDatabase + sealed::Database {
    /// How many ids are remembered with one statement at most.
    #[doc(hidden)]
    const LONGEST_BATCH: usize;

    /// Stores the ids that are not there yet, and gives them back. They are sorted, and distinct.
    #[doc(hidden)]
    fn remember(
        on: &mut Self::Connection,
        inbox: &Inner,
        ids: &[&str],
    ) -> impl Future<Output = Result<Vec<String>, sqlx::Error>> + Send;

    /// Moves the mark of a source by one, or makes it. It is locked if it is there, whether it moved or not.
    #[doc(hidden)]
    fn move_mark(
        on: &mut Self::Connection,
        inbox: &Inner,
        source: &str,
        sequence: i64,
    ) -> impl Future<Output = Result<Moved, sqlx::Error>> + Send;

    /// Reads the mark of a source, once it is locked.
    #[doc(hidden)]
    fn mark(
        on: &mut Self::Connection,
        inbox: &Inner,
        source: &str,
    ) -> impl Future<Output = Result<Option<i64>, sqlx::Error>> + Send;

    /// Moves the mark of a source forward, over a gap.
    #[doc(hidden)]
    fn set_mark(
        on: &mut Self::Connection,
        inbox: &Inner,
        source: &str,
        sequence: i64,
    ) -> impl Future<Output = Result<(), sqlx::Error>> + Send;

    /// Forgets up to `limit` messages that are older than `age` microseconds, in a transaction.
    #[doc(hidden)]
    fn purge(
        on: &mut Self::Connection,
        inbox: &Inner,
        age: i64,
        limit: u32,
    ) -> impl Future<Output = Result<u64, sqlx::Error>> + Send;

    /// Makes the tables.
    #[doc(hidden)]
    fn migrate(on: &mut Self::Connection, inbox: &Inner) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// What an error means.
    #[doc(hidden)]
    fn error(error: sqlx::Error) -> StoreError;

    /// What an error of one of the statements means; a table may be missing.
    #[doc(hidden)]
    fn explain(on: &mut Self::Connection, inbox: &Inner, error: sqlx::Error)
    -> impl Future<Output = StoreError> + Send;
}

/// What an [`Inbox`](super::Inbox) can be asked in: a `sqlx::Transaction`, what [`in_transaction`](crate::in_transaction)
/// and an operation lend, or a connection on which a transaction is open.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no transaction that an inbox can be asked in",
    label = "not a transaction",
    note = "give it `&mut tx`, where `tx` is a `sqlx::Transaction` or what `in_transaction` lends; a pool is none, since the \
            id must be committed with what the handler writes",
    note = "turn on the feature of your database: `postgres`, `mysql` or `sqlite`"
)]
pub trait InboxTransaction: sealed::Transaction {}

/// The database of a transaction.
pub(super) type Database<T> = <T as sealed::Transaction>::Database;
/// The connection of a transaction.
pub(super) type Connection<T> = <Database<T> as sqlx::Database>::Connection;

impl<DB: InboxDatabase> InboxTransaction for Transaction<'_, DB> {}

impl<DB: InboxDatabase> sealed::Transaction for Transaction<'_, DB> {
    type Database = DB;

    fn connection(&mut self) -> &mut DB::Connection {
        self
    }
}

impl<H> InboxTransaction for Lent<H>
where
    H: DerefMut + Send,
    H::Target: InboxTransaction,
{
}

impl<H> sealed::Transaction for Lent<H>
where
    H: DerefMut + Send,
    H::Target: InboxTransaction,
{
    type Database = Database<H::Target>;

    fn connection(&mut self) -> &mut Connection<H::Target> {
        (**self).connection()
    }
}

/// ```text
/// // Input:
/// database!(Postgres, PgConnection);
/// // Output: that database may have an inbox, and its connections may be in a transaction
/// impl InboxTransaction for PgConnection {}
/// ```
macro_rules! database {
    ($database:ty, $connection:ty) => {
        impl sealed::Database for $database {}

        impl InboxTransaction for $connection {}

        impl sealed::Transaction for $connection {
            type Database = $database;

            fn connection(&mut self) -> &mut $connection {
                self
            }
        }
    };
}

#[cfg(feature = "postgres")]
database!(sqlx::Postgres, sqlx::PgConnection);
#[cfg(feature = "mysql")]
database!(sqlx::MySql, sqlx::MySqlConnection);
#[cfg(feature = "sqlite")]
database!(sqlx::Sqlite, sqlx::SqliteConnection);

mod sealed {
    /// What statements mean is known of these databases only.
    pub trait Database {}

    /// How the connection is reached stays our own affair.
    pub trait Transaction: Send {
        type Database: super::InboxDatabase;

        fn connection(&mut self) -> &mut <Self::Database as sqlx::Database>::Connection;
    }
}
