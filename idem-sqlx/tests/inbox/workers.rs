//! One message, several workers at once.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use idem_sqlx::in_transaction;
use tokio::task::JoinSet;

use crate::common::on_each_database;
use crate::{Error, InboxTest, inbox, isolated, once};

on_each_database! {
    same_message_two_workers_concurrently
    a_duplicate_of_a_message_that_is_rolled_back_is_new
    thirty_two_workers_get_the_same_message_and_one_runs
    thirty_two_workers_under_repeatable_read_and_one_runs
}

/// What a second worker is told that asks while the first has the message, once the first commits or rolls back.
async fn told_to_the_second<D: InboxTest>(database: &D, commits: bool) -> bool {
    let (inbox, pool) = inbox(database).await;
    let mut tx = pool.begin().await.expect("a transaction");
    assert!(inbox.first_time(&mut tx, "evt_17").await.expect("an answer"));
    let mut second = tokio::spawn({
        let (inbox, pool) = (inbox.clone(), pool.clone());
        async move { once::<D>(&inbox, &pool, "evt_17").await }
    });
    let early = tokio::time::timeout(Duration::from_millis(200), &mut second).await;
    assert!(early.is_err(), "the second did not wait: {early:?}");
    if commits {
        tx.commit().await.expect("a commit");
    } else {
        tx.rollback().await.expect("a rollback");
    }
    second.await.expect("no panic")
}

async fn same_message_two_workers_concurrently<D: InboxTest>(database: &D) {
    assert!(!told_to_the_second(database, true).await);
}

async fn a_duplicate_of_a_message_that_is_rolled_back_is_new<D: InboxTest>(database: &D) {
    assert!(told_to_the_second(database, false).await);
}

async fn thirty_two_workers_get_the_same_message_and_one_runs<D: InboxTest>(database: &D) {
    one_of_thirty_two_runs(database, "READ COMMITTED").await;
}

async fn thirty_two_workers_under_repeatable_read_and_one_runs<D: InboxTest>(database: &D) {
    one_of_thirty_two_runs(database, "REPEATABLE READ").await;
}

/// The first three that have it fail, so that others wait for what is rolled back.
async fn one_of_thirty_two_runs<D: InboxTest>(database: &D, level: &'static str) {
    let (inbox, _) = inbox(database).await;
    let pool = isolated(database, level).await;
    let (runs, fails) = (Arc::new(AtomicU32::new(0)), Arc::new(AtomicU32::new(0)));
    let mut workers = JoinSet::new();
    for _ in 0..32 {
        let (inbox, pool, runs, fails) = (inbox.clone(), pool.clone(), Arc::clone(&runs), Arc::clone(&fails));
        workers.spawn(async move {
            let handled = in_transaction(&pool, async |mut tx| {
                if !inbox.first_time(&mut tx, "evt_17").await? {
                    return Ok::<_, Error>(false);
                }
                if fails.fetch_add(1, Ordering::Relaxed) < 3 {
                    return Err("the handler failed".into());
                }
                Ok(true)
            });
            if let Ok(true) = handled.await {
                runs.fetch_add(1, Ordering::Relaxed);
            }
        });
    }
    workers.join_all().await;
    assert_eq!(runs.load(Ordering::Relaxed), 1);
    assert_eq!(database.number("SELECT count(*) FROM idem_inbox").await, 1);
}
