//! What these tests ask of a database beside the rest.

use std::time::Duration;

use idem_sqlx::TransactionDatabase;
use sqlx::Pool;

use crate::common::{ConnectOptions, TestDatabase};

/// A database whose transactions can be run again.
pub(crate) trait Ledger: TestDatabase<Sqlx: TransactionDatabase> {
    /// The isolation levels that a transaction can have.
    const LEVELS: &'static [&'static str];

    /// Gives an error that says that two were in each other's way, while another connection holds what it has written.
    const CONFLICT: &'static str;

    /// Statements that give an error and end the transaction.
    const ENDS: &'static [&'static str];

    /// Statements after which the transaction that they are in is over, and the next statement stands by itself.
    const ENDINGS: &'static [&'static str];

    /// A table whose constraint is checked when a row in it is committed, if there are such.
    const REFUSES_AT_COMMIT: Option<&'static str>;

    /// Where there is no database.
    fn nowhere(&self) -> ConnectOptions<Self>;

    /// A pool whose transactions have an isolation level.
    async fn pool_at(&self, level: &'static str) -> Pool<Self::Sqlx>;
}

/// How long a connection is waited for, which is longer than many transactions one after the other take.
const PATIENCE: Duration = Duration::from_secs(30);

#[cfg(feature = "sqlite")]
impl Ledger for crate::common::sqlite::Folder {
    const LEVELS: &'static [&'static str] = &["SERIALIZABLE"];
    const CONFLICT: &'static str = "PRAGMA busy_timeout = 1; INSERT INTO entries VALUES ('conflict', 1)";

    const ENDS: &'static [&'static str] = &[
        "CREATE TABLE twice (id INTEGER PRIMARY KEY); INSERT INTO twice VALUES (1); INSERT OR ROLLBACK INTO twice VALUES (1)",
    ];
    const ENDINGS: &'static [&'static str] = &[
        "ROLLBACK",
        "COMMIT",
        "CREATE TABLE again (id INTEGER PRIMARY KEY); INSERT INTO again VALUES (1); INSERT OR ROLLBACK INTO again VALUES (1)",
        "CREATE TABLE refusing (id INTEGER PRIMARY KEY); \
         CREATE TRIGGER refuses AFTER INSERT ON refusing BEGIN SELECT RAISE(ROLLBACK, 'no'); END; \
         INSERT INTO refusing VALUES (1)",
    ];
    const REFUSES_AT_COMMIT: Option<&'static str> = Some(
        "CREATE TABLE parents (id INTEGER PRIMARY KEY); \
         CREATE TABLE children (parent INTEGER REFERENCES parents DEFERRABLE INITIALLY DEFERRED)",
    );

    fn nowhere(&self) -> ConnectOptions<Self> {
        self.connect_options().filename("/no/such/file.db").create_if_missing(false)
    }

    async fn pool_at(&self, _level: &'static str) -> Pool<Self::Sqlx> {
        self.pool(4).await
    }
}

#[cfg(feature = "postgres")]
impl Ledger for crate::common::postgres::Schema {
    const LEVELS: &'static [&'static str] = &["READ COMMITTED", "REPEATABLE READ", "SERIALIZABLE"];
    const CONFLICT: &'static str = "DO $$ BEGIN RAISE EXCEPTION 'conflict' USING ERRCODE = '40P01'; END $$";
    const ENDS: &'static [&'static str] = &["SELECT nonsense", Self::CONFLICT];
    const ENDINGS: &'static [&'static str] = &["ROLLBACK", "COMMIT"];
    const REFUSES_AT_COMMIT: Option<&'static str> = Some(
        "CREATE TABLE parents (id BIGINT PRIMARY KEY); \
         CREATE TABLE children (parent BIGINT REFERENCES parents DEFERRABLE INITIALLY DEFERRED)",
    );

    fn nowhere(&self) -> ConnectOptions<Self> {
        self.connect_options().port(1)
    }

    async fn pool_at(&self, level: &'static str) -> Pool<Self::Sqlx> {
        let options = self.connect_options().options([("default_transaction_isolation", level.to_lowercase())]);
        sqlx::postgres::PgPoolOptions::new()
            .max_connections(4)
            .acquire_timeout(PATIENCE)
            .connect_with(options)
            .await
            .expect("a pool")
    }
}

#[cfg(feature = "mysql")]
impl Ledger for crate::common::mysql::Database {
    const LEVELS: &'static [&'static str] = &["READ UNCOMMITTED", "READ COMMITTED", "REPEATABLE READ", "SERIALIZABLE"];
    const CONFLICT: &'static str = "SIGNAL SQLSTATE '40001' SET MYSQL_ERRNO = 1213";
    /// Stands for a deadlock, after which nothing of the transaction is left either.
    const ENDS: &'static [&'static str] = &["ROLLBACK; SIGNAL SQLSTATE '40001' SET MYSQL_ERRNO = 1213"];
    const ENDINGS: &'static [&'static str] = &[
        "ROLLBACK",
        "COMMIT",
        "ROLLBACK; SIGNAL SQLSTATE '40001' SET MYSQL_ERRNO = 1213",
        "CREATE OR REPLACE VIEW numbers AS SELECT number FROM entries",
    ];
    const REFUSES_AT_COMMIT: Option<&'static str> = None;

    fn nowhere(&self) -> ConnectOptions<Self> {
        self.connect_options().port(1)
    }

    async fn pool_at(&self, level: &'static str) -> Pool<Self::Sqlx> {
        sqlx::mysql::MySqlPoolOptions::new()
            .max_connections(4)
            .acquire_timeout(PATIENCE)
            .after_connect(move |connection, _| {
                let set = format!("SET SESSION TRANSACTION ISOLATION LEVEL {level}");
                Box::pin(async move {
                    sqlx::raw_sql(sqlx::AssertSqlSafe(set)).execute(connection).await?;
                    Ok(())
                })
            })
            .connect_with(self.connect_options())
            .await
            .expect("a pool")
    }
}
