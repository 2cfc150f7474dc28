//! The table itself: its name, its absence, its shape; a database that will not; the purge; what a person sees.
#![cfg(feature = "sqlite")]

mod common;

use std::time::Duration;

use common::{Folder, HOUR, acquire, finish, key, outcome, request};
use idem_core::{Abandoned, ClaimDecision, ClaimRequest, Fence, Store, StoreError};
use idem_sqlx::SqliteStore;
use sqlx::{AssertSqlSafe, SqlitePool};

#[tokio::test]
async fn a_table_may_have_any_name_and_two_tables_are_two_stores() {
    let folder = Folder::new();
    let pool = folder.pool(2, HOUR).await;
    for table in ["order", "Select", "_", "t2"] {
        let store = SqliteStore::with_table(pool.clone(), table).expect("a name");
        store.migrate().await.expect("a new table");
        finish(&store, &key("k"), table).await;
        assert_eq!(store.purge_expired(10).await.expect("a number"), 0);
    }
    assert!(SqliteStore::with_table(pool, "a; b").is_err());
}

#[tokio::test]
async fn a_missing_table_is_refused_with_what_to_do() {
    let folder = Folder::new();
    let store = SqliteStore::with_table(folder.pool(1, HOUR).await, "nowhere").expect("a name");
    let wanted = key("k");
    let claim = idem_core::Claim {
        key: wanted.clone(),
        claim_id: idem_core::ClaimId::random(),
        fence: Fence::from_number(1),
        attempt: 1,
        origin: idem_core::Origin::Free,
    };
    let errors: Vec<StoreError> = vec![
        store.claim(&request(&wanted)).await.expect_err("no table"),
        store.complete(&claim, &outcome("1"), HOUR).await.expect_err("no table"),
        store.purge_expired(1).await.expect_err("no table"),
    ];
    for error in errors {
        assert!(!error.is_retryable());
        let text = error.to_string();
        assert_eq!(text, "table `nowhere` is missing; call `migrate()` or run `migrations/sqlite/*.sql`");
    }
}

#[tokio::test]
async fn a_table_of_another_shape_is_refused_and_not_called_missing() {
    let folder = Folder::new();
    let pool = folder.pool(1, HOUR).await;
    execute(&pool, "CREATE TABLE idem_records (scope TEXT, key TEXT)").await;
    let error = SqliteStore::new(pool).claim(&request(&key("k"))).await.expect_err("no columns");
    assert!(!error.is_retryable());
    assert!(error.to_string().contains("compare the table with idem's migrations"), "{error}");
}

#[tokio::test]
async fn a_claim_whose_commit_fails_is_not_acquired() {
    let folder = Folder::new();
    let pool = folder.pool(1, HOUR).await;
    // The fence comes back from the insertion, and then the commit finds that there is no tenant 1.
    let tenant =
        "tenant INTEGER NOT NULL DEFAULT 1 REFERENCES tenants (id) DEFERRABLE INITIALLY DEFERRED,\n    PRIMARY KEY";
    let table = include_str!("../migrations/sqlite/0001_idem_records.sql").replace("PRIMARY KEY", tenant);
    execute(&pool, "CREATE TABLE tenants (id INTEGER PRIMARY KEY)").await;
    execute(&pool, &table).await;
    let store = SqliteStore::new(pool);

    let error = store.claim(&request(&key("k"))).await.expect_err("the commit failed");
    assert!(!error.is_retryable(), "{error:?}");
    assert_eq!(store.lookup(&key("k")).await.expect("an answer"), None);
}

#[tokio::test]
async fn a_database_that_is_full_or_may_only_be_read_is_refused_and_still_replays() {
    let folder = Folder::new();
    let pool = folder.pool(1, HOUR).await;
    let store = SqliteStore::new(pool.clone());
    store.migrate().await.expect("a new database");
    finish(&store, &key("done"), "1").await;
    let replay = ClaimDecision::Replay(outcome("1"));

    let claim = acquire(&store, &request(&key("large"))).await;
    execute(&pool, "PRAGMA max_page_count = 1").await;
    let error = store.complete(&claim, &outcome(&"1".repeat(100_000)), HOUR).await.expect_err("no room");
    assert!(!error.is_retryable() && error.to_string().contains("make room"), "{error:?}");
    assert_eq!(store.claim(&request(&key("done"))).await.expect("an answer"), replay);

    let options = pool.connect_options().as_ref().clone().read_only(true);
    let store = SqliteStore::new(SqlitePool::connect_with(options).await.expect("a pool"));
    let error = store.claim(&request(&key("new"))).await.expect_err("it may only be read");
    assert!(!error.is_retryable() && error.to_string().contains("open it for writing"), "{error:?}");
    assert_eq!(store.claim(&request(&key("done"))).await.expect("an answer"), replay);
}

#[tokio::test]
async fn a_database_in_memory_cannot_be_opened() {
    let error = SqliteStore::open(":memory:").await.expect_err("each connection would have its own");
    assert!(!error.is_retryable());
    assert!(error.to_string().contains("`MemoryStore`"), "{error}");
}

#[tokio::test]
async fn a_purge_removes_what_has_ended_in_batches_and_keeps_what_waits_for_a_person() {
    let folder = Folder::new();
    let store = folder.store().await;
    let brief = |name: &str, abandoned| ClaimRequest {
        lease: Duration::ZERO,
        retention: Duration::ZERO,
        abandoned,
        ..request(&key(name))
    };
    for name in ["a", "b", "c"] {
        acquire(&store, &brief(name, Abandoned::Rerun)).await;
    }
    acquire(&store, &brief("waits", Abandoned::Refuse)).await;
    acquire(&store, &ClaimRequest { retention: Duration::ZERO, ..request(&key("live")) }).await;
    finish(&store, &key("kept"), "1").await;
    // The clock of SQLite ticks in milliseconds, and what was claimed within this one stays for the next purge.
    tokio::time::sleep(Duration::from_millis(2)).await;

    assert_eq!(store.purge_expired(2).await.expect("a number"), 2);
    assert_eq!(store.purge_expired(2).await.expect("a number"), 1);
    assert_eq!(store.purge_expired(2).await.expect("a number"), 0);
    let left: Vec<String> = sqlx::query_scalar("SELECT key FROM idem_records ORDER BY key")
        .fetch_all(store.pool())
        .await
        .expect("the keys");
    assert_eq!(left, ["\"kept\"", "\"live\"", "\"waits\""]);
}

#[tokio::test]
async fn a_purge_walks_the_index_and_not_the_table() {
    let folder = Folder::new();
    let store = folder.store().await;
    let plan = sqlx::query_as(
        "EXPLAIN QUERY PLAN SELECT rowid FROM idem_records \
         WHERE (state <> 'running' OR abandoned = 'rerun') AND expires_at <= 1 ORDER BY expires_at LIMIT 5",
    );
    let plan: Vec<(i64, i64, i64, String)> = plan.fetch_all(store.pool()).await.expect("a plan");
    assert_eq!(plan.len(), 1, "{plan:?}");
    assert!(plan[0].3.contains("USING INDEX idem_records_expires_at"), "{plan:?}");
}

#[tokio::test]
async fn a_person_reads_the_table() {
    let folder = Folder::new();
    let store = folder.store().await;
    acquire(&store, &ClaimRequest { lease: Duration::ZERO, abandoned: Abandoned::Refuse, ..request(&key("lost")) })
        .await;
    finish(&store, &key(&("acme", 17)), r#"{"receipt":"r-1"}"#).await;
    let rows: Vec<(String, String, String, bool, Option<String>)> =
        sqlx::query_as("SELECT scope, key, state, lapsed, outcome FROM idem_records_readable ORDER BY key")
            .fetch_all(store.pool())
            .await
            .expect("the view");
    let row = |key: &str, state: &str, lapsed, outcome: Option<&str>| {
        ("payments.charge".to_owned(), key.to_owned(), state.to_owned(), lapsed, outcome.map(str::to_owned))
    };
    assert_eq!(rows[0], row("\"lost\"", "running", true, None));
    assert_eq!(rows[1], row("(\"acme\",17)", "completed", false, Some(r#"{"receipt":"r-1"}"#)));
    let year: bool =
        sqlx::query_scalar("SELECT min(updated_at) >= '2020' AND max(expires_at) < '2200' FROM idem_records_readable")
            .fetch_one(store.pool())
            .await
            .expect("the times");
    assert!(year);
}

async fn execute(pool: &SqlitePool, sql: &str) {
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(pool).await.expect("SQL of this test");
}
