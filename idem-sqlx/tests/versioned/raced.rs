//! Rows that come and go while they are asked for. A trigger that lets a write be ignored a few times plays those others.

use idem_sqlx::entity::{Versioned as _, Write};
use sqlx::{AssertSqlSafe, SqlitePool};

use crate::common::TestDatabase as _;
use crate::common::sqlite::Folder;
use crate::samples::Order;
use crate::{applied, inserted, tables, with_order};

/// Makes the next writes of this kind find nothing.
async fn ignored(pool: &SqlitePool, kind: &str, times: u32) {
    let trigger = format!(
        "CREATE TABLE IF NOT EXISTS ignored (times INTEGER); DELETE FROM ignored; INSERT INTO ignored VALUES ({times}); \
         CREATE TRIGGER IF NOT EXISTS ignore_{kind} BEFORE {kind} ON orders WHEN (SELECT times FROM ignored) > 0 BEGIN \
             UPDATE ignored SET times = times - 1; SELECT RAISE(IGNORE); END"
    );
    sqlx::raw_sql(AssertSqlSafe(trigger)).execute(pool).await.expect("SQL of this test");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_row_that_was_in_the_way_and_is_gone_is_inserted_after_all() {
    let database = Folder::empty().await;
    let pool = tables(&database).await;
    ignored(&pool, "INSERT", 1).await;
    assert_eq!(inserted(Order::new(1).insert_once(&pool).await.expect("an answer")).id, 1);
    ignored(&pool, "INSERT", 2).await;
    let error = Order::new(2).insert_once(&pool).await.expect_err("something refuses it each time");
    assert!(error.is_conflict() && !error.is_retryable(), "{error:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_copy_that_is_newer_after_all_is_written_and_others_that_come_and_go_are_an_error_to_run_again() {
    let database = Folder::empty().await;
    let (pool, order) = with_order(&database).await;
    let newer = Order { version: 5, ..order };
    ignored(&pool, "UPDATE", 9).await;
    let error = newer.apply_newer(&pool).await.expect_err("an older row is there each time");
    assert!(error.is_retryable() && !error.is_conflict(), "{error:?}");
    ignored(&pool, "UPDATE", 2).await;
    assert_eq!(applied(newer.apply_newer(&pool).await.expect("an answer")).version, 5);
    assert_eq!(newer.apply_newer(&pool).await.expect("an answer"), Write::Unchanged);
}
