//! What a call costs: how many statements, and that an answer without a claim writes nothing.
#![cfg(feature = "sqlite")]

mod common;

use std::fmt::Debug;
use std::sync::{Mutex, Once};
use std::time::Duration;

use common::{Folder, HOUR, acquire, fingerprint, finish, key, outcome, request};
use idem_core::{Abandoned, ClaimDecision, ClaimRequest, Store};
use idem_sqlx::SqliteStore;
use sqlx::{Connection as _, SqlitePool};
use tracing::field::{Field, Visit};
use tracing::span;

#[tokio::test]
async fn replay_costs_one_round_trip() {
    let counted = Counted::new("replayed").await;
    let done = key("done");
    let first = counted.statements(finish(&counted.store, &done, "1")).await;
    assert_eq!(first, ["SELECT", "INSERT", "UPDATE"]);

    let replay = counted.statements(async { replays(&counted.store, &request(&done)).await }).await;
    assert_eq!(replay, ["SELECT"]);
}

#[tokio::test]
async fn an_answer_without_a_claim_costs_one_round_trip() {
    let counted = Counted::new("unclaimed").await;
    for refused in answers_without_a_claim(&counted.store).await {
        let statements = counted.statements(async { assert_not_acquired(&counted.store, &refused).await }).await;
        assert_eq!(statements, ["SELECT"], "{refused:?}");
    }
}

#[tokio::test]
async fn a_write_by_the_holder_costs_one_round_trip_and_one_more_if_the_claim_is_gone() {
    let counted = Counted::new("held").await;
    let store = &counted.store;
    let claim = acquire(store, &request(&key("held"))).await;
    assert_eq!(counted.statements(async { store.extend(&claim, HOUR).await }).await, ["UPDATE"]);
    assert_eq!(counted.statements(async { store.release(&claim).await }).await, ["UPDATE"]);
    assert_eq!(counted.statements(async { store.release(&claim).await }).await, ["UPDATE", "SELECT"]);
    assert_eq!(counted.statements(async { store.extend(&claim, HOUR).await }).await, ["UPDATE", "SELECT"]);
    let again = counted.statements(async { acquire(store, &request(&key("held"))).await }).await;
    assert_eq!(again, ["SELECT", "UPDATE"]);
    assert_eq!(counted.statements(async { store.purge_expired(10).await }).await, ["DELETE"]);
    assert_eq!(counted.statements(async { store.lookup(&key("held")).await }).await, ["SELECT"]);
}

#[tokio::test]
async fn a_replay_does_not_write() {
    let folder = Folder::new();
    let pool = folder.pool(1, Duration::ZERO).await;
    let store = SqliteStore::new(pool.clone());
    store.migrate().await.expect("a new database");
    let done = key("done");
    finish(&store, &done, "1").await;
    let mut requests = answers_without_a_claim(&store).await;
    requests.push(request(&done));

    // A busy time-out of zero: whoever wanted to write would fail at once.
    let other = folder.pool(1, Duration::ZERO).await;
    let writer = other.begin_with("BEGIN IMMEDIATE").await.expect("the lock of the writer");
    let before = bytes_and_changes(&folder, &pool).await;
    for _ in 0..10 {
        for request in &requests {
            assert_not_acquired(&store, request).await;
        }
    }
    assert_eq!(bytes_and_changes(&folder, &pool).await, before);
    writer.rollback().await.expect("nothing was written");
}

/// One request for each answer that is neither a claim nor a replay.
async fn answers_without_a_claim(store: &SqliteStore) -> Vec<ClaimRequest> {
    let [live, lapsed, tried, done] = ["live", "lapsed", "tried", "finished"].map(key);
    acquire(store, &request(&live)).await;
    acquire(store, &ClaimRequest { lease: Duration::ZERO, ..request(&lapsed) }).await;
    let attempt = acquire(store, &request(&tried)).await;
    store.release(&attempt).await.expect("the claim is held");
    finish(store, &done, "1").await;
    vec![
        request(&live),
        ClaimRequest { fingerprint: Some(fingerprint(2)), ..request(&live) },
        ClaimRequest { abandoned: Abandoned::Refuse, ..request(&lapsed) },
        ClaimRequest { max_attempts: std::num::NonZeroU32::new(1), ..request(&tried) },
        ClaimRequest { fingerprint: Some(fingerprint(2)), ..request(&done) },
        ClaimRequest { admission: idem_core::Admission::IssuedOnly, ..request(&key("unknown")) },
    ]
}

async fn assert_not_acquired(store: &SqliteStore, request: &ClaimRequest) {
    let decision = store.claim(request).await.expect("an answer");
    assert!(!matches!(decision, ClaimDecision::Acquired(_)), "{decision:?}");
}

async fn replays(store: &SqliteStore, request: &ClaimRequest) {
    assert_eq!(store.claim(request).await.expect("an answer"), ClaimDecision::Replay(outcome("1")));
}

/// The bytes of the database and of its log, and all changes that the store's only connection ever made.
async fn bytes_and_changes(folder: &Folder, pool: &SqlitePool) -> (Vec<u8>, Vec<u8>, i64) {
    let log = folder.database().with_extension("db-wal");
    let changes = sqlx::query_scalar("SELECT total_changes()").fetch_one(pool).await.expect("a number");
    let read = |path: &std::path::Path| std::fs::read(path).expect("a file of SQLite");
    (read(&folder.database()), read(&log), changes)
}

/// A store of one connection in a table of its own, by whose name its statements are told from those of other tests.
struct Counted {
    store: SqliteStore,
    table: String,
    _folder: Folder,
}

impl Counted {
    async fn new(table: &str) -> Self {
        static ONCE: Once = Once::new();
        ONCE.call_once(|| tracing::subscriber::set_global_default(Log).expect("no other subscriber"));

        let folder = Folder::new();
        let store = SqliteStore::with_table(folder.pool(1, HOUR).await, table).expect("a name");
        store.migrate().await.expect("a new database");
        Self { store, table: format!("\"{table}\""), _folder: folder }
    }

    /// The first words of the statements that `calls` sends.
    async fn statements<T>(&self, calls: impl Future<Output = T>) -> Vec<String> {
        self.take().await;
        calls.await;
        self.take().await
    }

    async fn take(&self) -> Vec<String> {
        // The connection logs a statement when it has ended, which may be after its answer; a ping comes after that.
        let mut connection = self.store.pool().acquire().await.expect("the connection");
        connection.ping().await.expect("a connection");
        let mut log = LOG.lock().expect("no test panics here");
        let (own, others) = log.drain(..).partition(|statement: &String| statement.contains(&self.table));
        *log = others;
        let own: Vec<String> = own;
        own.iter().filter_map(|statement| statement.split_whitespace().next()).map(str::to_owned).collect()
    }
}

static LOG: Mutex<Vec<String>> = Mutex::new(Vec::new());

/// Keeps the statements that sqlx reports.
struct Log;

impl tracing::Subscriber for Log {
    fn enabled(&self, metadata: &tracing::Metadata<'_>) -> bool {
        metadata.target() == "sqlx::query"
    }

    fn event(&self, event: &tracing::Event<'_>) {
        let mut statement = Statement(String::new());
        event.record(&mut statement);
        LOG.lock().expect("no test panics here").push(statement.0);
    }

    fn new_span(&self, _: &span::Attributes<'_>) -> span::Id {
        span::Id::from_u64(1)
    }

    fn record(&self, _: &span::Id, _: &span::Record<'_>) {}
    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}
    fn enter(&self, _: &span::Id) {}
    fn exit(&self, _: &span::Id) {}
}

struct Statement(String);

impl Visit for Statement {
    fn record_str(&mut self, field: &Field, value: &str) {
        if field.name() == "db.statement" {
            value.clone_into(&mut self.0);
        }
    }

    fn record_debug(&mut self, _: &Field, _: &dyn Debug) {}
}
