//! An answer without a claim leaves the file as it is, byte for byte.
#![cfg(feature = "sqlite")]

mod common;

use common::{Folder, TestDatabase as _, acquire, fingerprint, finish, key, outcome, request};
use idem_core::{ClaimDecision, ClaimRequest, Store};
use idem_sqlx::SqliteStore;
use sqlx::SqlitePool;

#[tokio::test]
async fn a_replay_does_not_write() {
    let folder = Folder::migrated().await;
    let pool = folder.pool(1).await;
    let store = SqliteStore::new(pool.clone());
    let live = request(&key("live"));
    acquire(&store, &live).await;
    finish(&store, &key("done"), "1").await;

    let before = bytes_and_changes(&folder, &pool).await;
    for _ in 0..10 {
        let replayed = store.claim(&request(&key("done"))).await.expect("an answer");
        assert_eq!(replayed, ClaimDecision::Replay(outcome("1")));
        let in_progress = store.claim(&request(&key("live"))).await.expect("an answer");
        assert!(matches!(in_progress, ClaimDecision::InProgress { .. }), "{in_progress:?}");
        let other = ClaimRequest { fingerprint: Some(fingerprint(2)), ..request(&key("live")) };
        assert_eq!(store.claim(&other).await.expect("an answer"), ClaimDecision::Mismatch);
    }
    assert_eq!(bytes_and_changes(&folder, &pool).await, before);
}

/// The bytes of the database and of its log, and all changes that the store's only connection ever made.
async fn bytes_and_changes(folder: &Folder, pool: &SqlitePool) -> (Vec<u8>, Vec<u8>, i64) {
    let log = folder.file().with_extension("db-wal");
    let changes = sqlx::query_scalar("SELECT total_changes()").fetch_one(pool).await.expect("a number");
    let read = |path: &std::path::Path| std::fs::read(path).expect("a file of SQLite");
    (read(&folder.file()), read(&log), changes)
}
