//! One message: new once, whatever becomes of the transactions around it.

use std::sync::atomic::{AtomicU32, Ordering};

use idem_sqlx::{Inbox, in_transaction};
use sqlx::Connection as _;

use crate::common::on_each_database;
use crate::{Error, InboxTest, inbox, once};

on_each_database! {
    redelivered_message_handled_once
    handler_failure_not_marked
    crash_before_commit
    crash_after_commit_before_ack
    producer_retry_same_event_id_new_offset
    a_duplicate_does_not_end_the_transaction
    a_savepoint_that_is_rolled_back_forgets_its_message
    consumers_share_nothing
    ids_that_look_alike_are_different
    without_a_transaction_nothing_is_remembered
    an_empty_id_is_refused
}

async fn redelivered_message_handled_once<D: InboxTest>(database: &D) {
    let (inbox, pool) = inbox(database).await;
    database.execute("CREATE TABLE effects (id INT)").await;
    for _ in 0..3 {
        let mut tx = pool.begin().await.expect("a transaction");
        if inbox.first_time(&mut tx, "evt_17").await.expect("an answer") {
            D::execute_on(&mut tx, "INSERT INTO effects VALUES (1)").await.expect("an insert");
        }
        tx.commit().await.expect("a commit");
    }
    assert_eq!(database.number("SELECT count(*) FROM effects").await, 1);
    assert_eq!(database.texts("SELECT message FROM idem_inbox").await, [r#""evt_17""#]);
}

async fn handler_failure_not_marked<D: InboxTest>(database: &D) {
    let (inbox, pool) = inbox(database).await;
    let runs = AtomicU32::new(0);
    let handle = async |fails: bool| {
        in_transaction(&pool, async |mut tx| {
            if inbox.first_time(&mut tx, "evt_17").await? {
                runs.fetch_add(1, Ordering::Relaxed);
                if fails {
                    return Err("the handler failed".into());
                }
            }
            Ok::<_, Error>(())
        })
        .await
    };
    handle(true).await.expect_err("the handler failed");
    handle(false).await.expect("handled");
    handle(false).await.expect("skipped");
    assert_eq!(runs.into_inner(), 2);
}

async fn crash_before_commit<D: InboxTest>(database: &D) {
    let (inbox, pool) = inbox(database).await;
    let mut on = database.pool(1).await.acquire().await.expect("a connection").detach();
    let mut tx = on.begin().await.expect("a transaction");
    assert!(inbox.first_time(&mut tx, "evt_17").await.expect("an answer"));
    std::mem::forget(tx);
    on.close_hard().await.expect("the connection is cut");
    assert!(once::<D>(&inbox, &pool, "evt_17").await);
}

async fn crash_after_commit_before_ack<D: InboxTest>(database: &D) {
    let (inbox, pool) = inbox(database).await;
    assert!(once::<D>(&inbox, &pool, "evt_17").await);
    pool.close().await;
    let after_the_crash = Inbox::new("ledger").expect("a name");
    assert!(!once::<D>(&after_the_crash, &database.pool(1).await, "evt_17").await);
}

async fn producer_retry_same_event_id_new_offset<D: InboxTest>(database: &D) {
    let (inbox, pool) = inbox(database).await;
    let mut new = Vec::new();
    for (offset, event) in [(1, "evt_1"), (2, "evt_2"), (3, "evt_3"), (4, "evt_2")] {
        if once::<D>(&inbox, &pool, event).await {
            new.push(offset);
        }
    }
    assert_eq!(new, [1, 2, 3]);
}

async fn a_duplicate_does_not_end_the_transaction<D: InboxTest>(database: &D) {
    let (inbox, pool) = inbox(database).await;
    assert!(once::<D>(&inbox, &pool, "evt_17").await);
    let mut tx = pool.begin().await.expect("a transaction");
    assert!(!inbox.first_time(&mut tx, "evt_17").await.expect("an answer"));
    assert!(inbox.first_time(&mut tx, "evt_18").await.expect("an answer"));
    assert!(!inbox.first_time(&mut tx, "evt_18").await.expect("an answer"));
    tx.commit().await.expect("a commit");
    assert!(!once::<D>(&inbox, &pool, "evt_18").await);
}

async fn a_savepoint_that_is_rolled_back_forgets_its_message<D: InboxTest>(database: &D) {
    let (inbox, pool) = inbox(database).await;
    let mut tx = pool.begin().await.expect("a transaction");
    assert!(inbox.first_time(&mut tx, "outside").await.expect("an answer"));
    let mut savepoint = tx.begin().await.expect("a savepoint");
    assert!(inbox.first_time(&mut savepoint, "inside").await.expect("an answer"));
    assert!(!inbox.first_time(&mut savepoint, "outside").await.expect("an answer"));
    savepoint.rollback().await.expect("a rollback");
    assert!(inbox.first_time(&mut tx, "inside").await.expect("an answer"));
    tx.rollback().await.expect("a rollback");
    assert!(once::<D>(&inbox, &pool, "inside").await);
    assert!(once::<D>(&inbox, &pool, "outside").await);
}

async fn consumers_share_nothing<D: InboxTest>(database: &D) {
    let (ledger, pool) = inbox(database).await;
    assert!(once::<D>(&ledger, &pool, "evt_17").await);
    let mut tx = pool.begin().await.expect("a transaction");
    ledger.advance(&mut tx, "partner", 5).await.expect("an answer");
    tx.commit().await.expect("a commit");
    // As text these are equal under one collation or another.
    for name in ["Ledger", "ledger ", "ledger  ", "lédger", "le\u{301}dger"] {
        let other = Inbox::new(name).expect("a name");
        assert!(once::<D>(&other, &pool, "evt_17").await, "{name:?}");
        let mut tx = pool.begin().await.expect("a transaction");
        let first = other.advance(&mut tx, "partner", 1).await.expect("an answer");
        assert_eq!(first, idem_sqlx::Advance::First, "{name:?}");
        tx.commit().await.expect("a commit");
    }
}

/// Ids that a database could take for one another, or for something else.
pub(crate) fn hostile_ids() -> Vec<String> {
    let mut ids: Vec<_> = [
        "a",
        "A",
        "á",
        "a\u{301}",
        "a ",
        " a",
        "a\0",
        "a\0b",
        "'; DROP TABLE idem_inbox; --",
        "\"",
        "\\",
        "\\\"",
        "\\'",
        "{}",
        "[",
        "a,b",
        "null",
        "NULL",
        "?1",
        "$1",
        "%",
        "_",
        "\n",
        "\u{1f4a9}",
        "\u{feff}",
        "ß",
        "ss",
        "#",
        "x\"00\"",
        "\u{202e}a",
    ]
    .map(str::to_owned)
    .into();
    ids.extend(["x".repeat(253), "x".repeat(254), "x".repeat(10_000), "💩".repeat(64), "\"".repeat(130)]);
    ids
}

async fn ids_that_look_alike_are_different<D: InboxTest>(database: &D) {
    let (inbox, pool) = inbox(database).await;
    let ids = hostile_ids();
    for id in &ids {
        assert!(once::<D>(&inbox, &pool, id).await, "{id:?}");
    }
    for id in &ids {
        assert!(!once::<D>(&inbox, &pool, id).await, "{id:?}");
    }
    let mut tx = pool.begin().await.expect("a transaction");
    for (first, second) in [(("a", 1), ("a", 2)), (("a,b", 1), ("b", 1))] {
        assert!(inbox.first_time(&mut tx, &first).await.expect("an answer"));
        assert!(inbox.first_time(&mut tx, &second).await.expect("an answer"));
    }
    assert!(inbox.first_time(&mut tx, &1_u8).await.expect("an answer"));
    assert!(inbox.first_time(&mut tx, "1").await.expect("an answer"));
    assert!(!inbox.first_time(&mut tx, &1_i64).await.expect("an answer"));
    tx.commit().await.expect("a commit");
}

async fn without_a_transaction_nothing_is_remembered<D: InboxTest>(database: &D) {
    let (inbox, pool) = inbox(database).await;
    let mut tx = pool.begin().await.expect("a transaction");
    assert!(inbox.first_time(&mut tx, "in it").await.expect("an answer"));
    tx.commit().await.expect("a commit");
    D::ask_outside(&inbox, &pool).await;
    assert_eq!(database.number("SELECT count(*) FROM idem_inbox").await, 1);
}

async fn an_empty_id_is_refused<D: InboxTest>(database: &D) {
    let (inbox, pool) = inbox(database).await;
    let mut tx = pool.begin().await.expect("a transaction");
    let error = inbox.first_time(&mut tx, "").await.expect_err("no id");
    assert!(!error.is_retryable() && error.to_string().contains("empty"), "{error}");
    inbox.first_times(&mut tx, &["a", ""]).await.expect_err("no id");
    inbox.advance(&mut tx, "", 1).await.expect_err("no source");
    assert!(inbox.first_time(&mut tx, "a").await.expect("the transaction is as it was"));
    for name in ["", "a\0", &"x".repeat(201)] {
        Inbox::new(name).expect_err(name);
    }
}
