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
    fn is_open_at_commit(on: &mut Self::Connection) -> impl Future<Output = Result<bool, sqlx::Error>> + Send;
}

mod sealed {
    use std::path::PathBuf;

    use sqlx::error::DatabaseError;
    use sqlx::{Connection, Database};

    use crate::backend::Backend;
    use crate::error::Meaning;

    /// What errors mean is known of these databases only.
    pub trait Sealed: Database {
        /// What an error of this database means; the same as in its store.
        fn meaning(error: &dyn DatabaseError) -> Meaning;

        /// Whether a write into a transaction of the caller's would find it open, as far as that must be asked before.
        fn is_open_for_write(on: &mut Self::Connection) -> impl Future<Output = Result<bool, sqlx::Error>> + Send;

        /// The database behind these options, if it has one writer at a time and others see it.
        fn only_writer(options: &<Self::Connection as Connection>::Options) -> Option<PathBuf>;

        /// Whether another connection with these options is one to the same database.
        fn is_shared(options: &<Self::Connection as Connection>::Options) -> bool;
    }

    /// ```text
    /// // Input:
    /// follows!(sqlx::Postgres, crate::postgres::PgBackend);
    /// // Output: for that database, what its store knows of it
    /// impl Sealed for sqlx::Postgres {}
    /// ```
    macro_rules! follows {
        ($database:ty, $backend:ty) => {
            impl Sealed for $database {
                fn meaning(error: &dyn DatabaseError) -> Meaning {
                    <$backend as Backend>::meaning(error)
                }

                async fn is_open_for_write(on: &mut Self::Connection) -> Result<bool, sqlx::Error> {
                    <$backend as Backend>::is_open_for_write(on).await
                }

                fn only_writer(options: &<Self::Connection as Connection>::Options) -> Option<PathBuf> {
                    <$backend as Backend>::only_writer(options)
                }

                fn is_shared(options: &<Self::Connection as Connection>::Options) -> bool {
                    <$backend as Backend>::is_shared(options)
                }
            }
        };
    }

    #[cfg(feature = "postgres")]
    follows!(sqlx::Postgres, crate::postgres::PgBackend);
    #[cfg(feature = "mysql")]
    follows!(sqlx::MySql, crate::mysql::MySqlBackend);
    #[cfg(feature = "sqlite")]
    follows!(sqlx::Sqlite, crate::sqlite::SqliteBackend);
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
    async fn is_open_at_commit(on: &mut Self::Connection) -> Result<bool, sqlx::Error> {
        match sqlx::raw_sql("SELECT now() <> statement_timestamp()").fetch_one(on).await {
            Ok(row) => row.try_get(0),
            Err(error) if Self::is_in_failed_transaction(&error) => Ok(false),
            Err(error) => Err(error),
        }
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

    async fn is_open_at_commit(on: &mut Self::Connection) -> Result<bool, sqlx::Error> {
        const NO_SUCH_SAVEPOINT: u16 = 1305;

        let Err(error) = sqlx::raw_sql("RELEASE SAVEPOINT idem_whole").execute(on).await else { return Ok(true) };
        let of_database = error.as_database_error().and_then(<dyn DatabaseError>::try_downcast_ref::<Self::Error>);
        if of_database.is_some_and(|error| error.number() == NO_SUCH_SAVEPOINT) { Ok(false) } else { Err(error) }
    }
}

#[cfg(feature = "sqlite")]
impl TransactionDatabase for sqlx::Sqlite {
    type Error = sqlx::sqlite::SqliteError;

    const BEGIN: Option<&'static str> = Some("BEGIN IMMEDIATE");

    async fn end_of_nobody(on: &mut Self::Connection) -> Result<(), sqlx::Error> {
        sqlx::raw_sql("ROLLBACK").execute(on).await.map(drop)
    }

    /// Where none is open, one is begun, so that sqlx finds one to end.
    async fn is_open_at_commit(on: &mut Self::Connection) -> Result<bool, sqlx::Error> {
        let is_open = crate::sqlite::is_open(on).await?;
        if !is_open {
            sqlx::raw_sql("BEGIN").execute(on).await?;
        }
        Ok(is_open)
    }
}
