//! Batches: exactly which messages are new, in the order given.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU32, Ordering};

use idem_sqlx::in_transaction;
use rand::seq::SliceRandom as _;
use tokio::task::JoinSet;

use crate::common::on_each_database;
use crate::messages::hostile_ids;
use crate::{Error, InboxTest, inbox, isolated, once};

on_each_database! {
    a_batch_says_which_are_new_in_the_order_given
    an_empty_batch_is_no_statement
    five_thousand_ids_are_one_batch
    a_batch_of_hostile_ids_is_exact
    a_batch_is_forgotten_with_its_transaction
    overlapping_batches_do_not_deadlock
    overlapping_batches_under_repeatable_read_find_each_id_once
}

async fn a_batch_says_which_are_new_in_the_order_given<D: InboxTest>(database: &D) {
    let (inbox, pool) = inbox(database).await;
    assert!(once::<D>(&inbox, &pool, "b").await);
    let mut tx = pool.begin().await.expect("a transaction");
    let new = inbox.first_times(&mut tx, &["d", "b", "a", "d", "c", "a", "b"]).await.expect("an answer");
    assert_eq!(new, [true, false, true, false, true, false, false]);
    let all_old = inbox.first_times(&mut tx, &["a", "b", "c", "d"]).await.expect("an answer");
    assert_eq!(all_old, [false; 4]);
    let all_new = inbox.first_times(&mut tx, &[3, 1, 2]).await.expect("an answer");
    assert_eq!(all_new, [true; 3]);
    tx.commit().await.expect("a commit");
    assert_eq!(database.number("SELECT count(*) FROM idem_inbox").await, 7);
}

async fn an_empty_batch_is_no_statement<D: InboxTest>(database: &D) {
    let pool = database.pool(1).await;
    let mut tx = pool.begin().await.expect("a transaction");
    let inbox = idem_sqlx::Inbox::with_table("ledger", "not_there").expect("a name");
    let new = inbox.first_times::<_, &str>(&mut tx, &[]).await.expect("nothing to ask");
    assert!(new.is_empty());
}

async fn five_thousand_ids_are_one_batch<D: InboxTest>(database: &D) {
    let (inbox, pool) = inbox(database).await;
    let mut tx = pool.begin().await.expect("a transaction");
    let sevenths: Vec<_> = (0..5_000).filter(|id| id % 7 == 0).collect();
    assert!(inbox.first_times(&mut tx, &sevenths).await.expect("an answer").into_iter().all(|new| new));
    let mut ids: Vec<_> = (0..5_000).collect();
    ids.shuffle(&mut rand::rng());
    let new = inbox.first_times(&mut tx, &ids).await.expect("an answer");
    let expected: Vec<_> = ids.iter().map(|id| id % 7 != 0).collect();
    assert_eq!(new, expected);
    tx.commit().await.expect("a commit");
    assert_eq!(database.number("SELECT count(*) FROM idem_inbox").await, 5_000);
}

async fn a_batch_of_hostile_ids_is_exact<D: InboxTest>(database: &D) {
    let (inbox, pool) = inbox(database).await;
    let ids = hostile_ids();
    let mut tx = pool.begin().await.expect("a transaction");
    assert_eq!(inbox.first_times(&mut tx, &ids).await.expect("an answer"), vec![true; ids.len()]);
    tx.commit().await.expect("a commit");
    let mut tx = pool.begin().await.expect("a transaction");
    let with_one_new: Vec<_> = ids.iter().map(String::as_str).chain(["new"]).collect();
    let new = inbox.first_times(&mut tx, &with_one_new).await.expect("an answer");
    assert_eq!(new.iter().filter(|new| **new).count(), 1);
    assert_eq!(new.last(), Some(&true));
}

async fn a_batch_is_forgotten_with_its_transaction<D: InboxTest>(database: &D) {
    let (inbox, pool) = inbox(database).await;
    let mut tx = pool.begin().await.expect("a transaction");
    assert_eq!(inbox.first_times(&mut tx, &["a", "b"]).await.expect("an answer"), [true; 2]);
    tx.rollback().await.expect("a rollback");
    let mut tx = pool.begin().await.expect("a transaction");
    assert_eq!(inbox.first_times(&mut tx, &["b", "a"]).await.expect("an answer"), [true; 2]);
}

/// Eight tasks, batches of 40 out of 400 ids in any order: each id is new once in all. Gives how often a transaction was
/// run again.
async fn overlapping<D: InboxTest>(database: &D, level: &'static str) -> u32 {
    let (inbox, _) = inbox(database).await;
    let pool = isolated(database, level).await;
    let mut tasks = JoinSet::new();
    for _ in 0..8 {
        let (inbox, pool) = (inbox.clone(), pool.clone());
        tasks.spawn(async move {
            let (mut mine, mut runs) = (Vec::new(), 0);
            for _ in 0..20 {
                let mut ids: Vec<u32> = (0..400).collect();
                ids.shuffle(&mut rand::rng());
                ids.truncate(40);
                let counted = AtomicU32::new(0);
                let new = in_transaction(&pool, async |mut tx| {
                    counted.fetch_add(1, Ordering::Relaxed);
                    Ok::<_, Error>(inbox.first_times(&mut tx, &ids).await?)
                });
                let new = new.await.expect("an answer in the end");
                runs += counted.into_inner() - 1;
                mine.extend(ids.into_iter().zip(new).filter_map(|(id, new)| new.then_some(id)));
            }
            (mine, runs)
        });
    }
    let mut seen: HashMap<u32, u32> = HashMap::new();
    let mut runs_again = 0;
    for (mine, runs) in tasks.join_all().await {
        for id in mine {
            *seen.entry(id).or_default() += 1;
        }
        runs_again += runs;
    }
    assert!(seen.values().all(|times| *times == 1), "{seen:?}");
    let stored = database.number("SELECT count(*) FROM idem_inbox").await;
    assert_eq!(usize::try_from(stored).expect("a count"), seen.len());
    runs_again
}

async fn overlapping_batches_do_not_deadlock<D: InboxTest>(database: &D) {
    assert_eq!(overlapping(database, "READ COMMITTED").await, 0, "transactions were run again");
}

/// Here PostgreSQL gives transactions up that meet a row which their snapshot does not have, and they are run again.
async fn overlapping_batches_under_repeatable_read_find_each_id_once<D: InboxTest>(database: &D) {
    overlapping(database, "REPEATABLE READ").await;
}
