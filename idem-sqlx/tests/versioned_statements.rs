//! What a write of a row costs: every statement that each of them sends, in full, in the golden files `versioned_*.sql`.
//!
//! `BLESS=1 cargo xtask with-servers cargo test -p idem-sqlx --test versioned_statements -- --include-ignored` writes them.
#![cfg(all(feature = "sqlite", feature = "postgres", feature = "mysql"))]

mod common;
#[path = "versioned/samples/mod.rs"]
mod samples;

use std::path::Path;

use common::{TestDatabase, log};
use idem_sqlx::entity::{Database, EntityError, Retry, RowLocks, StoredIn, Versioned as _};
use samples::{Note, Order, Rule, Ticket};
use sqlx::{Connection as _, Pool};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn statements_of_sqlite_are_those_of_the_golden_file() {
    let database = common::sqlite::Folder::empty().await;
    let mut sent = Sent::on(&database, samples::SQLITE).await;
    sent.writes().await;
    assert_eq!(sent.counts("update_to"), 1);
    assert_eq!(sent.counts("update_to, unchanged"), 0);
    assert_eq!(sent.counts("modify"), 2);
    sent.are("sqlite");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs a server: cargo xtask test"]
async fn statements_of_postgres_are_those_of_the_golden_file() {
    let database = common::postgres::Schema::empty().await;
    let mut sent = Sent::on(&database, samples::POSTGRES).await;
    sent.writes().await;
    sent.locks().await;
    assert_eq!(sent.counts("update_to"), 1);
    assert_eq!(sent.counts("update_to, unchanged"), 0);
    assert_eq!(sent.counts("modify"), 2);
    sent.are("postgres");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs a server: cargo xtask test"]
async fn statements_of_mysql_are_those_of_the_golden_file() {
    let database = common::mysql::Database::empty().await;
    let mut sent = Sent::on(&database, samples::MYSQL).await;
    sent.writes().await;
    sent.locks().await;
    assert_eq!(sent.counts("update_to"), 2);
    assert_eq!(sent.counts("update_to, unchanged"), 0);
    assert_eq!(sent.counts("modify"), 3);
    sent.are("mysql");
}

/// What was sent by each call, in the order of the calls.
struct Sent<DB: Database> {
    pool: Pool<DB>,
    calls: Vec<(&'static str, Vec<String>)>,
}

impl<DB: Database> Sent<DB>
where
    Order: StoredIn<DB>,
    Ticket: StoredIn<DB>,
    Rule: StoredIn<DB>,
    Note: StoredIn<DB>,
{
    async fn on<D: TestDatabase<Sqlx = DB>>(database: &D, tables: &str) -> Self {
        database.execute(tables).await;
        let pool = database.pool(1).await;
        // The first call of a connection may look at its cache.
        Rule::load((String::new(), String::new()), &pool).await.expect("an answer");
        Self { pool, calls: Vec::new() }
    }

    async fn by<T>(&mut self, name: &'static str, call: impl Future<Output = Result<T, EntityError>>) -> T {
        self.take().await;
        let answer = call.await.expect("an answer");
        let sent = self.take().await;
        self.calls.push((name, sent));
        answer
    }

    async fn take(&self) -> Vec<String> {
        // The connection logs a statement when it has ended, which may be after its answer; a ping comes after that.
        let mut connection = self.pool.acquire().await.expect("the connection");
        connection.ping().await.expect("a connection");
        log::take()
    }

    async fn writes(&mut self) {
        let pool = self.pool.clone();
        let order = self.by("insert_once", Order::new(1).insert_once(&pool)).await.into_row();
        let _ = self.by("insert_once, of a row that is there", order.insert_once(&pool)).await;
        self.by("load", Order::load(order.address(), &pool)).await;
        let _ = self.by("update_to, unchanged", order.update_to(&order, &pool)).await;
        let _ = self.by("update_to", order.update_to(&order.of(2), &pool)).await;
        let _ = self.by("update_to, a conflict", order.update_to(&order.of(3), &pool)).await;
        let add = |order: &mut Order| {
            order.quantity += 1;
            Ok(())
        };
        let _ = self.by("modify", Order::modify(&pool, order.address(), Retry::times(1), add)).await;
        let pairs = [(order.of(1), order.of(2)), (order.clone(), order.clone())];
        let _ = self.by("update_many, one of two", Order::update_many(&pool, &pairs)).await;
        let newer = Order { version: 9, ..order.clone() };
        let _ = self.by("apply_newer", newer.apply_newer(&pool)).await;
        let _ = self.by("apply_newer, of an older one", order.apply_newer(&pool)).await;
        let _ = self.by("delete, a conflict", order.delete(&pool)).await;
        let _ = self.by("delete", newer.delete(&pool)).await;

        let ticket = Ticket::new("a").insert_once(&pool).await.expect("an answer").into_row();
        let draft = Ticket { order: "2".to_owned(), ..ticket.clone() };
        let _ = self.by("update_to, guarded by a state", ticket.update_to(&draft, &pool)).await;
        let _ = self.by("delete, with a flag", ticket.delete(&pool)).await;

        let rule = Rule::new("a", "b", "c");
        let _ = self.by("update_to, guarded by nothing", rule.update_to(&Rule::new("a", "b", "d"), &pool)).await;

        let note = self.by("insert_once, known by a number", Note::new(1, "N-1").insert_once(&pool)).await.into_row();
        let _ = self.by("insert_once, of a number that is there", Note::new(2, "N-1").insert_once(&pool)).await;
        let _ = self.by("delete, with a time", note.delete(&pool)).await;
    }

    async fn locks(&mut self)
    where
        DB: RowLocks,
    {
        let address = Order::new(1).address();
        let lock = async |name| {
            let mut tx = self.pool.begin().await.expect("a transaction");
            log::take();
            let to_write = Order::lock(&mut tx, address).for_update();
            match name {
                "for_update" => to_write.one().await,
                "for_update, nowait" => to_write.nowait().one().await,
                "for_update, skip_locked" => to_write.skip_locked().one().await,
                "for_share" => Order::lock(&mut tx, address).for_share().one().await,
                "for_share, nowait" => Order::lock(&mut tx, address).for_share().nowait().one().await,
                _ => Order::lock(&mut tx, address).for_share().skip_locked().one().await,
            }
            .expect("an answer");
            tx.ping().await.expect("a connection");
            let sent = log::take();
            tx.rollback().await.expect("rolled back");
            sent
        };
        let mut calls = Vec::new();
        for name in ["for_update", "for_update, nowait", "for_update, skip_locked"] {
            calls.push((name, lock(name).await));
        }
        for name in ["for_share", "for_share, nowait", "for_share, skip_locked"] {
            calls.push((name, lock(name).await));
        }
        self.calls.extend(calls);
    }

    /// How many statements a call sent, apart from the transaction around them.
    fn counts(&self, name: &str) -> usize {
        let (_, sent) = self.calls.iter().find(|(call, _)| *call == name).expect("a call");
        let around = ["BEGIN", "START TRANSACTION", "COMMIT", "ROLLBACK"];
        sent.iter().filter(|sql| !around.iter().any(|word| sql.starts_with(word))).count()
    }

    fn are(&self, name: &str) {
        let section = |(call, sent): &(&str, Vec<String>)| {
            let statements = sent.iter().flat_map(|sql| [sql, ";\n"]);
            ["-- ", call, "\n"].into_iter().chain(statements).collect::<String>()
        };
        let actual = self.calls.iter().map(section).collect::<Vec<_>>().join("\n");
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/golden/versioned_{name}.sql"));
        if std::env::var_os("BLESS").is_some() {
            std::fs::write(&path, &actual).expect("the file is writable");
        }
        let golden = std::fs::read_to_string(&path).expect("the golden file is there; write it with BLESS=1");
        assert_eq!(actual, golden, "run again with BLESS=1 and review the changes");
    }
}
