//! The inbox: what a consumer has had is told, exactly, in the transaction in which it is handled.
#![cfg(any(feature = "sqlite", feature = "postgres", feature = "mysql"))]

#[path = "../common/mod.rs"]
mod common;
mod batches;
mod messages;
mod workers;
mod marks;
mod upkeep;
#[cfg(feature = "postgres")]
mod postgres;
#[cfg(feature = "postgres")]
mod pgbouncer;

use std::error::Error as StdError;

use common::TestDatabase;
use idem_sqlx::{Inbox, InboxDatabase, TransactionDatabase};
use sqlx::pool::PoolOptions;
use sqlx::{Connection as _, Pool};

type Error = Box<dyn StdError + Send + Sync>;

/// A database with an inbox.
trait InboxTest: TestDatabase<Sqlx: InboxDatabase + TransactionDatabase> {
    /// Makes the transactions of a connection those of an isolation level, where there are several.
    fn isolated(level: &str) -> String;

    /// Triggers on the marks that write elsewhere, as tools for changes of schema make them.
    const TRIGGERS: &'static [&'static str];

    /// Asks on a connection that has no transaction.
    fn ask_outside(inbox: &Inbox, pool: &Pool<Self::Sqlx>) -> impl Future<Output = ()> + Send;
}

/// `InboxTest::ask_outside`, once the type of the connection is known.
macro_rules! ask_outside {
    () => {
        async fn ask_outside(inbox: &Inbox, pool: &Pool<Self::Sqlx>) {
            let mut on = pool.acquire().await.expect("a connection");
            let errors = [
                inbox.first_time(&mut *on, "evt_17").await.expect_err("no transaction"),
                inbox.first_times(&mut *on, &["evt_17"]).await.expect_err("no transaction"),
                inbox.advance(&mut *on, "partner", 1).await.expect_err("no transaction"),
            ];
            for error in errors {
                assert!(error.to_string().contains("no transaction is open on this connection"), "{error}");
            }
            let mut tx = on.begin().await.expect("a transaction");
            let on: &mut <Self::Sqlx as sqlx::Database>::Connection = &mut tx;
            assert!(inbox.first_time(on, "rolled back").await.expect("a connection with a transaction will do"));
        }
    };
}

#[cfg(feature = "sqlite")]
impl InboxTest for common::sqlite::Folder {
    const TRIGGERS: &'static [&'static str] = &[
        "CREATE TABLE seen (id INTEGER PRIMARY KEY AUTOINCREMENT, n INTEGER)",
        "CREATE TRIGGER made AFTER INSERT ON idem_inbox_marks BEGIN INSERT INTO seen (n) VALUES (1); END",
        "CREATE TRIGGER moved AFTER UPDATE ON idem_inbox_marks BEGIN INSERT INTO seen (n) VALUES (2); END",
    ];

    fn isolated(_level: &str) -> String {
        String::new()
    }

    ask_outside!();
}

#[cfg(feature = "postgres")]
impl InboxTest for common::postgres::Schema {
    const TRIGGERS: &'static [&'static str] = &[
        "CREATE TABLE seen (id bigserial, n integer)",
        "CREATE FUNCTION see() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN INSERT INTO seen (n) VALUES (1); RETURN NEW; END'",
        "CREATE TRIGGER seen AFTER INSERT OR UPDATE ON idem_inbox_marks FOR EACH ROW EXECUTE FUNCTION see()",
    ];

    fn isolated(level: &str) -> String {
        format!("SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL {level}")
    }

    ask_outside!();
}

#[cfg(feature = "mysql")]
impl InboxTest for common::mysql::Database {
    const TRIGGERS: &'static [&'static str] = &[
        "CREATE TABLE seen (id BIGINT AUTO_INCREMENT PRIMARY KEY, n INT)",
        "CREATE TRIGGER made AFTER INSERT ON idem_inbox_marks FOR EACH ROW INSERT INTO seen (n) VALUES (1)",
        "CREATE TRIGGER moved BEFORE UPDATE ON idem_inbox_marks FOR EACH ROW INSERT INTO seen (n) VALUES (2)",
    ];

    fn isolated(level: &str) -> String {
        format!("SET SESSION TRANSACTION ISOLATION LEVEL {level}")
    }

    ask_outside!();
}

/// The inbox of a consumer that is new, and a pool for it.
async fn inbox<D: InboxTest>(database: &D) -> (Inbox, Pool<D::Sqlx>) {
    let pool = database.pool(8).await;
    let inbox = Inbox::new("ledger").expect("a name");
    inbox.migrate(&pool).await.expect("a new database");
    (inbox, pool)
}

/// A pool whose transactions have an isolation level.
async fn isolated<D: InboxTest>(database: &D, level: &'static str) -> Pool<D::Sqlx> {
    PoolOptions::new()
        .max_connections(8)
        .acquire_timeout(std::time::Duration::from_mins(1))
        .after_connect(move |on, _| Box::pin(async move { D::execute_on(on, &D::isolated(level)).await }))
        .connect_with(database.connect_options())
        .await
        .expect("a pool")
}

/// Asks for one message in a transaction of its own.
async fn once<D: InboxTest>(inbox: &Inbox, pool: &Pool<D::Sqlx>, id: &str) -> bool {
    let mut tx = pool.begin().await.expect("a transaction");
    let first = inbox.first_time(&mut tx, id).await.expect("an answer");
    tx.commit().await.expect("a commit");
    first
}
