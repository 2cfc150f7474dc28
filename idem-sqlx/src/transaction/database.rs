//! The databases that [`in_transaction`](super::in_transaction) knows.

use sqlx::error::DatabaseError;
use sqlx::{Database, Pool, Transaction};

/// A database whose transactions can be run again: `sqlx::Postgres`, `sqlx::MySql` and `sqlx::Sqlite`, under their features.
#[diagnostic::on_unimplemented(
    message = "idem knows no transactions of `{Self}`",
    note = "turn on the feature of your database: `postgres`, `mysql` or `sqlite`"
)]
pub trait TransactionDatabase: Database + sealed::Sealed {
    /// The database's own error.
    #[doc(hidden)]
    type Error: DatabaseError;

    /// What begins a transaction; if there is nothing here, as sqlx begins one.
    #[doc(hidden)]
    const BEGIN: Option<&'static str> = None;

    /// Begins a transaction. The caller may go away at any time, and then there is none.
    #[doc(hidden)]
    #[must_use]
    fn begin(pool: &Pool<Self>) -> impl Future<Output = Result<Transaction<'static, Self>, sqlx::Error>> + Send {
        super::begin::begin(pool)
    }

    /// Whether an error says that a transaction is open that has failed, and that must be ended before anything else.
    #[doc(hidden)]
    #[must_use]
    fn is_in_failed_transaction(error: &sqlx::Error) -> bool {
        let _ = error;
        false
    }

    /// Ends a transaction that was left open on a connection, and of which sqlx does not know.
    #[doc(hidden)]
    #[must_use]
    fn end_of_nobody(on: &mut Self::Connection) -> impl Future<Output = Result<(), sqlx::Error>> + Send;

    /// Whether the database gave the transaction up, or was shut down, so that it is to be run again.
    #[doc(hidden)]
    fn gave_up(error: &Self::Error) -> bool;
}

mod sealed {
    /// What errors mean is known of these databases only.
    pub trait Sealed {}

    #[cfg(feature = "postgres")]
    impl Sealed for sqlx::Postgres {}
    #[cfg(feature = "mysql")]
    impl Sealed for sqlx::MySql {}
    #[cfg(feature = "sqlite")]
    impl Sealed for sqlx::Sqlite {}
}

#[cfg(feature = "postgres")]
impl TransactionDatabase for sqlx::Postgres {
    type Error = sqlx::postgres::PgDatabaseError;

    fn is_in_failed_transaction(error: &sqlx::Error) -> bool {
        error.as_database_error().and_then(DatabaseError::code).as_deref() == Some("25P02")
    }

    async fn end_of_nobody(on: &mut Self::Connection) -> Result<(), sqlx::Error> {
        sqlx::raw_sql("ROLLBACK").execute(on).await.map(drop)
    }

    fn gave_up(error: &Self::Error) -> bool {
        // serialization_failure, deadlock_detected, statement_completion_unknown, idle_in_transaction_session_timeout,
        // admin_shutdown, crash_shutdown, cannot_connect_now, and connection exceptions
        matches!(error.code(), "40001" | "40P01" | "40003" | "25P03" | "57P01" | "57P02" | "57P03")
            || error.code().starts_with("08")
    }
}

#[cfg(feature = "mysql")]
impl TransactionDatabase for sqlx::MySql {
    type Error = sqlx::mysql::MySqlDatabaseError;

    async fn end_of_nobody(on: &mut Self::Connection) -> Result<(), sqlx::Error> {
        sqlx::raw_sql("ROLLBACK").execute(on).await.map(drop)
    }

    fn gave_up(error: &Self::Error) -> bool {
        // deadlock, lock wait time-out, a record that has changed since the snapshot, shutdown, connection killed, gone
        matches!(error.number(), 1213 | 1205 | 1020 | 1053 | 1927 | 2006 | 2013)
    }
}

#[cfg(feature = "sqlite")]
impl TransactionDatabase for sqlx::Sqlite {
    type Error = sqlx::sqlite::SqliteError;

    const BEGIN: Option<&'static str> = Some("BEGIN IMMEDIATE");

    async fn end_of_nobody(on: &mut Self::Connection) -> Result<(), sqlx::Error> {
        sqlx::raw_sql("ROLLBACK").execute(on).await.map(drop)
    }

    fn gave_up(error: &Self::Error) -> bool {
        // BUSY and LOCKED, with BUSY_SNAPSHOT and the like, whose low byte is the primary code
        let primary = error.code().and_then(|code| code.parse::<i32>().ok()).map(|code| code & 0xff);
        matches!(primary, Some(5 | 6))
    }
}
