//! One writer at a time.
#![cfg(feature = "sqlite")]

mod common;

use std::time::Duration;

use common::{Folder, HOUR, TestDatabase as _, acquire, key, request};
use idem_core::Store;
use idem_sqlx::SqliteStore;

#[tokio::test(flavor = "multi_thread")]
async fn sqlite_busy_and_begin_immediate() {
    let folder = Folder::migrated().await;
    let patient = folder.store().await;
    let hasty = SqliteStore::new(folder.busy_pool(2, Duration::from_millis(20)).await);
    let other = folder.busy_pool(1, HOUR).await;

    let writer = other.begin_with("BEGIN IMMEDIATE").await.expect("the lock of the writer");
    let error = hasty.claim(&request(&key("hasty"))).await.expect_err("the database is locked");
    assert!(error.is_retryable(), "{error:?}");
    let waiting = tokio::spawn(async move { acquire(&patient, &request(&key("patient"))).await });
    writer.commit().await.expect("nothing to write");

    assert_eq!(waiting.await.expect("no panic").attempt, 1);
    assert_eq!(acquire(&hasty, &request(&key("hasty"))).await.attempt, 1);
}
