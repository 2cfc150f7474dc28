//! The databases that entities live in: a dialect, and a few ways to send a statement.

#[cfg(feature = "postgres")]
use sqlx::Connection as _;
use sqlx::error::BoxDynError;
use sqlx::{Arguments as _, Encode, Row as _, SqlSafeStr as _, SqlStr, Type};

use super::facts::state::Stored;
use super::session::WriteText;
use super::sql::dialect::{self, Dialect};
use crate::TransactionDatabase;

/// The values of a statement.
pub type Arguments<DB> = <DB as sqlx::Database>::Arguments;

/// Why a value could not be bound.
pub type BindError = BoxDynError;

/// A database that entities live in: `sqlx::Postgres`, `sqlx::MySql` and `sqlx::Sqlite`, under their features.
#[diagnostic::on_unimplemented(
    message = "idem keeps no entities in `{Self}`",
    note = "turn on the feature of your database: `postgres`, `mysql` or `sqlite`"
)]
pub trait Database: TransactionDatabase {
    /// How it writes what others write differently.
    #[doc(hidden)]
    const DIALECT: Dialect;

    /// The text of a write in a transaction of the caller's, which fails where that has ended, unless that was asked before.
    #[doc(hidden)]
    #[must_use]
    fn inside(sql: &'static str) -> SqlStr {
        sql.into_sql_str()
    }

    /// Runs a write, and tells how many rows it found.
    #[doc(hidden)]
    fn execute(
        connection: &mut Self::Connection,
        sql: WriteText,
        arguments: Arguments<Self>,
    ) -> impl Future<Output = Result<u64, sqlx::Error>> + Send;

    /// Runs a write, and returns its rows.
    #[doc(hidden)]
    fn returning(
        connection: &mut Self::Connection,
        sql: WriteText,
        arguments: Arguments<Self>,
    ) -> impl Future<Output = Result<Vec<Self::Row>, sqlx::Error>> + Send;

    /// Runs a statement that writes nothing, and returns its rows.
    #[doc(hidden)]
    fn fetch(
        connection: &mut Self::Connection,
        sql: &'static str,
        arguments: Arguments<Self>,
    ) -> impl Future<Output = Result<Vec<Self::Row>, sqlx::Error>> + Send;

    /// Runs an update of one row that tells no more than the number that it was given to remember (`LAST_INSERT_ID`), which is 0
    /// if it was given none, or if the table has a trigger. `None` if there was no row.
    #[doc(hidden)]
    fn update(
        connection: &mut Self::Connection,
        sql: WriteText,
        arguments: Arguments<Self>,
    ) -> impl Future<Output = Result<Option<i64>, sqlx::Error>> + Send;

    /// Runs a write that does not return: how many rows it found, and the number that it was given to remember.
    #[doc(hidden)]
    #[must_use]
    fn write(
        connection: &mut Self::Connection,
        sql: WriteText,
        arguments: Arguments<Self>,
    ) -> impl Future<Output = Result<(u64, i64), sqlx::Error>> + Send {
        async move { Ok((Self::execute(connection, sql, arguments).await?, 0)) }
    }

    /// What the session was last given to remember, where updates do not return.
    #[doc(hidden)]
    #[must_use]
    fn remembered(connection: &mut Self::Connection) -> impl Future<Output = Result<i64, sqlx::Error>> + Send {
        let _ = connection;
        std::future::ready(Ok(0))
    }

    /// Binds a number.
    #[doc(hidden)]
    fn bind_number(arguments: &mut Arguments<Self>, number: i64) -> Result<(), BindError>;

    /// Binds a text, or NULL.
    #[doc(hidden)]
    fn bind_text(arguments: &mut Arguments<Self>, text: Option<&str>) -> Result<(), BindError>;

    /// Reads a number of any width.
    #[doc(hidden)]
    fn number(row: &Self::Row, column: usize) -> Result<Option<i64>, sqlx::Error>;

    /// Reads what a state column holds, of whatever type the column is.
    #[doc(hidden)]
    fn stored(row: &Self::Row, column: usize) -> Result<Option<Stored>, sqlx::Error>;

    /// Whether statements on a pool's connection need no transaction around them. Behind some poolers two round trips may
    /// reach two sessions, and to prepare and to run is two.
    #[doc(hidden)]
    #[must_use]
    fn may_run_alone(pool: &sqlx::Pool<Self>) -> bool {
        let _ = pool;
        true
    }

    /// Whether a statement may be given a name, under which the connection keeps it. Behind some poolers names meet those of
    /// others, and applications turn the cache of statements off; a connection does not tell whether its cache is off or
    /// empty, so one that is empty is taken for one that is off.
    #[doc(hidden)]
    #[must_use]
    fn keeps_statements(connection: &Self::Connection) -> bool {
        let _ = connection;
        true
    }

    /// Puts something into the cache of statements of a connection whose cache is on, so that it is seen to be.
    #[doc(hidden)]
    #[must_use]
    fn show_cache(connection: &mut Self::Connection) -> impl Future<Output = Result<(), sqlx::Error>> + Send {
        let _ = connection;
        std::future::ready(Ok(()))
    }

    /// Whether an insert failed because there is no such constraint as it named.
    #[doc(hidden)]
    #[must_use]
    fn is_without_constraint(error: &sqlx::Error) -> bool {
        let _ = error;
        false
    }

    /// Whether the database has looked at its schema again, of which it may have been told an old state.
    #[doc(hidden)]
    #[must_use]
    fn looked_again(connection: &mut Self::Connection) -> impl Future<Output = Result<bool, sqlx::Error>> + Send {
        let _ = connection;
        std::future::ready(Ok(false))
    }

    /// Whether an insert failed because a unique constraint has such a row already.
    #[doc(hidden)]
    fn is_duplicate(error: &sqlx::Error) -> bool {
        error.as_database_error().is_some_and(sqlx::error::DatabaseError::is_unique_violation)
    }
}

/// What can be a column of an entity in the database `DB`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be stored in `{DB}`",
    note = "sqlx stores what implements its traits `Encode` and `Type` for that database; some types need a feature of sqlx"
)]
pub trait Value<DB: sqlx::Database>: for<'q> Encode<'q, DB> + Type<DB> {}

#[diagnostic::do_not_recommend]
impl<DB: sqlx::Database, T: for<'q> Encode<'q, DB> + Type<DB>> Value<DB> for T {}

/// Sends statements as every database does. `fetch_all` also where one row comes: SQLite's `RETURNING` commits after it.
macro_rules! sends {
    () => {
        async fn execute(
            connection: &mut Self::Connection,
            sql: WriteText,
            arguments: Arguments<Self>,
        ) -> Result<u64, sqlx::Error> {
            let query = sqlx::query_with(sql.into_sql(), arguments).persistent(Self::keeps_statements(connection));
            Ok(query.execute(connection).await?.rows_affected())
        }

        async fn returning(
            connection: &mut Self::Connection,
            sql: WriteText,
            arguments: Arguments<Self>,
        ) -> Result<Vec<Self::Row>, sqlx::Error> {
            let query = sqlx::query_with(sql.into_sql(), arguments).persistent(Self::keeps_statements(connection));
            query.fetch_all(connection).await
        }

        async fn fetch(
            connection: &mut Self::Connection,
            sql: &'static str,
            arguments: Arguments<Self>,
        ) -> Result<Vec<Self::Row>, sqlx::Error> {
            let query = sqlx::query_with(sql, arguments).persistent(Self::keeps_statements(connection));
            query.fetch_all(connection).await
        }

        fn bind_number(arguments: &mut Arguments<Self>, number: i64) -> Result<(), BindError> {
            arguments.add(number)
        }

        fn bind_text(arguments: &mut Arguments<Self>, text: Option<&str>) -> Result<(), BindError> {
            arguments.add(text)
        }

        fn number(row: &Self::Row, column: usize) -> Result<Option<i64>, sqlx::Error> {
            row.try_get_unchecked(column)
        }

        fn stored(row: &Self::Row, column: usize) -> Result<Option<Stored>, sqlx::Error> {
            row.try_get_unchecked(column)
        }
    };
    (returning) => {
        sends!();

        /// Nobody asks: what it wrote is returned.
        async fn update(
            connection: &mut Self::Connection,
            sql: WriteText,
            arguments: Arguments<Self>,
        ) -> Result<Option<i64>, sqlx::Error> {
            let updated = Self::execute(connection, sql, arguments).await?;
            Ok((updated > 0).then_some(0))
        }
    };
}

#[cfg(feature = "postgres")]
impl Database for sqlx::Postgres {
    const DIALECT: Dialect = dialect::POSTGRES;

    sends!(returning);

    /// What a write returns is evaluated for each row that it wrote, and where there is none, nothing was written.
    fn inside(sql: &'static str) -> SqlStr {
        let and = if sql.contains(" RETURNING ") { "," } else { " RETURNING" };
        sqlx::AssertSqlSafe(format!("{sql}{and} {}", crate::postgres::INSIDE)).into_sql_str()
    }

    fn may_run_alone(pool: &sqlx::PgPool) -> bool {
        crate::postgres::prepares(pool)
    }

    fn keeps_statements(connection: &sqlx::PgConnection) -> bool {
        connection.cached_statements_size() > 0
    }

    fn is_without_constraint(error: &sqlx::Error) -> bool {
        error.as_database_error().and_then(sqlx::error::DatabaseError::code).as_deref() == Some("42P10")
    }

    async fn show_cache(connection: &mut sqlx::PgConnection) -> Result<(), sqlx::Error> {
        if connection.cached_statements_size() == 0 {
            sqlx::query("SELECT 1").execute(connection).await?;
        }
        Ok(())
    }
}

#[cfg(feature = "mysql")]
impl Database for sqlx::MySql {
    const DIALECT: Dialect = dialect::MYSQL;

    sends!();

    fn inside(sql: &'static str) -> SqlStr {
        sqlx::AssertSqlSafe(crate::mysql::inside() + sql).into_sql_str()
    }

    async fn update(
        connection: &mut Self::Connection,
        sql: WriteText,
        arguments: Arguments<Self>,
    ) -> Result<Option<i64>, sqlx::Error> {
        let done = sqlx::query_with(sql.into_sql(), arguments).execute(connection).await?;
        Ok((done.rows_affected() > 0).then(|| done.last_insert_id().cast_signed()))
    }

    async fn write(
        connection: &mut sqlx::MySqlConnection,
        sql: WriteText,
        arguments: Arguments<Self>,
    ) -> Result<(u64, i64), sqlx::Error> {
        let done = sqlx::query_with(sql.into_sql(), arguments).execute(connection).await?;
        Ok((done.rows_affected(), done.last_insert_id().cast_signed()))
    }

    async fn remembered(connection: &mut sqlx::MySqlConnection) -> Result<i64, sqlx::Error> {
        let number: u64 = sqlx::query_scalar("SELECT LAST_INSERT_ID()").fetch_one(connection).await?;
        Ok(number.cast_signed())
    }
}

#[cfg(feature = "sqlite")]
impl Database for sqlx::Sqlite {
    const DIALECT: Dialect = dialect::SQLITE;

    sends!(returning);

    /// It has no code of its own.
    fn is_without_constraint(error: &sqlx::Error) -> bool {
        error.as_database_error().is_some_and(|error| error.message().contains("ON CONFLICT clause does not match"))
    }

    /// It keeps the schema with the connection, and looks at it again where a statement runs, but not where one does not
    /// prepare because of it.
    async fn looked_again(connection: &mut sqlx::SqliteConnection) -> Result<bool, sqlx::Error> {
        sqlx::query("SELECT 1 FROM sqlite_master LIMIT 1").fetch_all(connection).await?;
        Ok(true)
    }
}
