//! A file that is full or may only be read, a database that is no file; how the purge finds what has ended.
#![cfg(feature = "sqlite")]

mod common;

use common::{Folder, HOUR, TestDatabase as _, acquire, finish, key, outcome, request};
use idem_core::{ClaimDecision, Store};
use idem_sqlx::SqliteStore;
use sqlx::SqlitePool;

#[tokio::test]
async fn a_database_that_is_full_or_may_only_be_read_writes_nothing_and_still_replays() {
    let folder = Folder::migrated().await;
    let pool = folder.pool(1).await;
    let store = SqliteStore::new(pool.clone());
    finish(&store, &key("done"), "1").await;
    let replay = ClaimDecision::Replay(outcome("1"));

    let claim = acquire(&store, &request(&key("large"))).await;
    sqlx::raw_sql("PRAGMA max_page_count = 1").execute(&pool).await.expect("a pragma");
    let error = store.complete(&claim, &outcome(&"1".repeat(100_000)), HOUR).await.expect_err("no room");
    assert!(error.is_retryable() && !error.is_ambiguous() && error.to_string().contains("make room"), "{error:?}");
    assert_eq!(store.claim(&request(&key("done"))).await.expect("an answer"), replay);

    let options = folder.connect_options().read_only(true);
    let store = SqliteStore::new(SqlitePool::connect_with(options).await.expect("a pool"));
    let error = store.claim(&request(&key("new"))).await.expect_err("it may only be read");
    assert!(error.is_retryable() && !error.is_ambiguous() && error.to_string().contains("read-only"), "{error:?}");
    assert_eq!(store.claim(&request(&key("done"))).await.expect("an answer"), replay);
}

#[tokio::test]
async fn a_database_in_memory_cannot_be_opened() {
    let error = SqliteStore::open(":memory:").await.expect_err("each connection would have its own");
    assert!(!error.is_retryable());
    assert!(error.to_string().contains("`MemoryStore`"), "{error}");
}

#[tokio::test]
async fn a_purge_walks_the_index_and_not_the_table() {
    let folder = Folder::migrated().await;
    let plan = "EXPLAIN QUERY PLAN SELECT rowid FROM idem_records WHERE purge_from <= 1 AND expires_at <= 1 \
                AND (state <> 'running' OR (abandoned = 'rerun' AND lease_until <= 1)) ORDER BY purge_from LIMIT 5";
    let plan = folder.rows(plan).await;
    assert_eq!(plan.len(), 1, "{plan:?}");
    let step = plan[0][3].as_ref().expect("a step");
    assert!(step.contains("USING INDEX idem_records_purge_from"), "{plan:?}");
}
