//! A database that has no room for an outcome.
#![cfg(feature = "sqlite")]

mod common;

use common::{Folder, HOUR, TestDatabase as _, acquire, key, outcome, request};
use idem_core::{Codec, Outcome, OutcomeKind, Store};
use idem_sqlx::SqliteStore;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_database_says_not_now_until_there_is_room_and_a_claim_in_it_can_be_given_up() {
    let folder = Folder::migrated().await;
    let pool = folder.pool(1).await;
    let store = SqliteStore::new(pool.clone());
    let [kept, marked, abandoned] = ["kept", "marked", "abandoned"].map(key);
    let claim = acquire(&store, &request(&kept)).await;
    let marked = acquire(&store, &request(&marked)).await;
    let abandoned = acquire(&store, &request(&abandoned)).await;
    sqlx::raw_sql("PRAGMA max_page_count = 1").execute(&pool).await.expect("it is as large as it is");

    let large = outcome(&"x".repeat(100_000));
    let error = store.complete(&claim, &large, HOUR).await.expect_err("there is no room");
    assert!(error.is_retryable() && !error.is_ambiguous() && error.to_string().contains("full"), "{error:?}");
    let mark = Outcome { kind: OutcomeKind::Value, codec: Codec::Omitted, version: 1, text: "".into() };
    store.complete(&marked, &mark, HOUR).await.expect("the mark needs no room");
    store.abandon(&abandoned).await.expect("it needs no room");

    sqlx::raw_sql("PRAGMA max_page_count = 1000000").execute(&pool).await.expect("room");
    store.complete(&claim, &large, HOUR).await.expect("there is room");
}
