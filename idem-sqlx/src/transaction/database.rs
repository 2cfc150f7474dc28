//! The databases that [`in_transaction`](super::in_transaction) knows.

#[cfg(feature = "postgres")]
use sqlx::Row as _;
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

    /// Whether a transaction that was begun here is open still, and not ended by the database or by hand. If it is, nothing
    /// but its commit may follow.
    #[doc(hidden)]
    #[must_use]
    fn is_open(on: &mut Self::Connection) -> impl Future<Output = Result<bool, sqlx::Error>> + Send;

    /// Whether the database can give no connection at the moment.
    #[doc(hidden)]
    fn is_away(error: &Self::Error) -> bool;

    /// Whether an error at a commit leaves open whether it took effect.
    #[doc(hidden)]
    fn is_unknown(error: &Self::Error) -> bool;

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

    /// A transaction that is open began before this message, and one that has failed takes none.
    async fn is_open(on: &mut Self::Connection) -> Result<bool, sqlx::Error> {
        match sqlx::raw_sql("SELECT now() <> statement_timestamp()").fetch_one(on).await {
            Ok(row) => row.try_get(0),
            Err(error) if Self::is_in_failed_transaction(&error) => Ok(false),
            Err(error) => Err(error),
        }
    }

    fn is_away(error: &Self::Error) -> bool {
        // too_many_connections, admin_shutdown, crash_shutdown, cannot_connect_now, and connection exceptions
        matches!(error.code(), "53300" | "57P01" | "57P02" | "57P03") || error.code().starts_with("08")
    }

    fn is_unknown(error: &Self::Error) -> bool {
        // statement_completion_unknown, transaction_resolution_unknown and the other connection exceptions, shutdowns
        matches!(error.code(), "40003" | "57P01" | "57P02") || error.code().starts_with("08")
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

    /// With a savepoint, which is gone when the transaction is: MySQL does not tell in any other way.
    const BEGIN: Option<&'static str> = Some("START TRANSACTION; SAVEPOINT idem_whole");

    async fn end_of_nobody(on: &mut Self::Connection) -> Result<(), sqlx::Error> {
        sqlx::raw_sql("ROLLBACK").execute(on).await.map(drop)
    }

    async fn is_open(on: &mut Self::Connection) -> Result<bool, sqlx::Error> {
        const NO_SUCH_SAVEPOINT: u16 = 1305;

        let Err(error) = sqlx::raw_sql("RELEASE SAVEPOINT idem_whole").execute(on).await else { return Ok(true) };
        let of_database = error.as_database_error().and_then(<dyn DatabaseError>::try_downcast_ref::<Self::Error>);
        if of_database.is_some_and(|error| error.number() == NO_SUCH_SAVEPOINT) { Ok(false) } else { Err(error) }
    }

    fn is_away(error: &Self::Error) -> bool {
        // too many connections, of all or of this user; shutdown; a node of a cluster that is not ready; gone, lost
        matches!(error.number(), 1040 | 1203 | 1226 | 1053 | 1047 | 2006 | 2013)
    }

    fn is_unknown(error: &Self::Error) -> bool {
        // shutdown, an error at COMMIT, connection killed, gone, lost
        matches!(error.number(), 1053 | 1180 | 1927 | 2006 | 2013)
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

    /// A second `BEGIN` is refused while a transaction is open. Where it is not, it stays, so that sqlx finds one to end.
    async fn is_open(on: &mut Self::Connection) -> Result<bool, sqlx::Error> {
        match sqlx::raw_sql("BEGIN").execute(on).await {
            Ok(_) => Ok(false),
            Err(sqlx::Error::Database(_)) => Ok(true),
            Err(error) => Err(error),
        }
    }

    fn is_away(error: &Self::Error) -> bool {
        Self::gave_up(error) || error.code().is_some_and(|code| code == "14")
    }

    /// It is this process that commits.
    fn is_unknown(_error: &Self::Error) -> bool {
        false
    }

    fn gave_up(error: &Self::Error) -> bool {
        // BUSY and LOCKED, with BUSY_SNAPSHOT and the like, whose low byte is the primary code
        let primary = error.code().and_then(|code| code.parse::<i32>().ok()).map(|code| code & 0xff);
        matches!(primary, Some(5 | 6))
    }
}
