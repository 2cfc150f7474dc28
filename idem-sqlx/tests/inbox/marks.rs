//! Sources that number their messages.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use idem_sqlx::Advance::{Duplicate, First, Gap, Next};
use idem_sqlx::{Advance, Inbox, in_transaction};
use sqlx::{Connection as _, Pool};
use tokio::task::JoinSet;

use crate::common::on_each_database;
use crate::{Error, InboxTest, inbox, isolated};

on_each_database! {
    watermark_mode_drops_at_or_below
    out_of_order_detected
    a_gap_that_is_given_up_moves_the_mark
    the_first_number_may_be_any
    sources_have_marks_of_their_own
    a_mark_goes_back_with_its_transaction
    one_of_many_moves_the_mark
    one_of_many_moves_the_mark_under_repeatable_read
    a_stale_snapshot_does_not_move_the_mark
    a_mark_is_told_exactly_where_its_table_has_triggers
}

async fn advance<D: InboxTest>(inbox: &Inbox, pool: &Pool<D::Sqlx>, sequence: i64) -> Advance {
    let mut tx = pool.begin().await.expect("a transaction");
    let advance = inbox.advance(&mut tx, "partner", sequence).await.expect("an answer");
    tx.commit().await.expect("a commit");
    advance
}

async fn watermark_mode_drops_at_or_below<D: InboxTest>(database: &D) {
    let (inbox, pool) = inbox(database).await;
    let mut answers = Vec::new();
    for sequence in [5, 6, 6, 5, 4, -1, 7] {
        answers.push(advance::<D>(&inbox, &pool, sequence).await);
    }
    assert_eq!(answers, [First, Next, Duplicate, Duplicate, Duplicate, Duplicate, Next]);
    let row = database.rows("SELECT consumer, source, first_sequence, last_sequence FROM idem_inbox_marks").await;
    let expected = ["ledger", r#""partner""#, "5", "7"].map(|text| Some(text.to_owned()));
    assert_eq!(row, [expected]);
}

async fn out_of_order_detected<D: InboxTest>(database: &D) {
    let (inbox, pool) = inbox(database).await;
    let mut answers = Vec::new();
    for sequence in [1, 3, 4, 2, 3, 4, i64::MAX] {
        answers.push(advance::<D>(&inbox, &pool, sequence).await);
    }
    let gap = |expected| Gap { expected };
    assert_eq!(answers, [First, gap(2), gap(2), Next, Next, Next, gap(5)]);
}

async fn a_gap_that_is_given_up_moves_the_mark<D: InboxTest>(database: &D) {
    let (inbox, pool) = inbox(database).await;
    let mut answers = Vec::new();
    for sequence in [1, 2, 5, 4, 3, 5, 6, i64::MAX, i64::MAX] {
        let mut tx = pool.begin().await.expect("a transaction");
        answers.push(inbox.advance_past(&mut tx, "partner", sequence).await.expect("an answer"));
        tx.commit().await.expect("a commit");
    }
    let gap = |expected| Gap { expected };
    assert_eq!(answers, [First, Next, gap(3), Duplicate, Duplicate, Duplicate, Next, gap(7), Duplicate]);
}

async fn the_first_number_may_be_any<D: InboxTest>(database: &D) {
    let (inbox, pool) = inbox(database).await;
    for first in [0, 1, -7, 1_000, i64::MAX, i64::MIN] {
        let mut tx = pool.begin().await.expect("a transaction");
        assert_eq!(inbox.advance(&mut tx, &first, first).await.expect("an answer"), First, "{first}");
        assert_eq!(inbox.advance(&mut tx, &first, first).await.expect("an answer"), Duplicate, "{first}");
        if let Some(next) = first.checked_add(1) {
            assert_eq!(inbox.advance(&mut tx, &first, next).await.expect("an answer"), Next, "{first}");
        }
        assert_eq!(inbox.advance(&mut tx, &first, i64::MIN).await.expect("an answer"), Duplicate, "{first}");
        tx.commit().await.expect("a commit");
    }
}

async fn sources_have_marks_of_their_own<D: InboxTest>(database: &D) {
    let (inbox, pool) = inbox(database).await;
    let mut tx = pool.begin().await.expect("a transaction");
    for source in ["a", "A", "a ", "á"] {
        assert_eq!(inbox.advance(&mut tx, source, 9).await.expect("an answer"), First, "{source}");
    }
    assert_eq!(inbox.advance(&mut tx, "a", 10).await.expect("an answer"), Next);
    assert_eq!(inbox.advance(&mut tx, "A", 11).await.expect("an answer"), Gap { expected: 10 });
}

async fn a_mark_goes_back_with_its_transaction<D: InboxTest>(database: &D) {
    let (inbox, pool) = inbox(database).await;
    assert_eq!(advance::<D>(&inbox, &pool, 1).await, First);
    let mut tx = pool.begin().await.expect("a transaction");
    assert_eq!(inbox.advance(&mut tx, "partner", 2).await.expect("an answer"), Next);
    let mut savepoint = tx.begin().await.expect("a savepoint");
    assert_eq!(inbox.advance_past(&mut savepoint, "partner", 9).await.expect("an answer"), Gap { expected: 3 });
    savepoint.rollback().await.expect("a rollback");
    assert_eq!(inbox.advance(&mut tx, "partner", 3).await.expect("an answer"), Next);
    tx.rollback().await.expect("a rollback");
    assert_eq!(advance::<D>(&inbox, &pool, 2).await, Next);
}

async fn one_of_many_moves_the_mark<D: InboxTest>(database: &D) {
    each_number_is_handled_once(database, "READ COMMITTED").await;
}

async fn one_of_many_moves_the_mark_under_repeatable_read<D: InboxTest>(database: &D) {
    each_number_is_handled_once(database, "REPEATABLE READ").await;
}

/// Eight tasks, each with every message of a source in order, the first of a source among them.
async fn each_number_is_handled_once<D: InboxTest>(database: &D, level: &'static str) {
    const LAST: i64 = 20;

    let (inbox, _) = inbox(database).await;
    let pool = isolated(database, level).await;
    let moves = Arc::new(AtomicU32::new(0));
    let mut tasks = JoinSet::new();
    for _ in 0..8 {
        let (inbox, pool, moves) = (inbox.clone(), pool.clone(), Arc::clone(&moves));
        tasks.spawn(async move {
            for sequence in 1..=LAST {
                let advance = in_transaction(&pool, async |mut tx| {
                    Ok::<_, Error>(inbox.advance(&mut tx, "partner", sequence).await?)
                });
                match advance.await.expect("an answer in the end") {
                    First if sequence == 1 => moves.fetch_add(1, Ordering::Relaxed),
                    Next => moves.fetch_add(1, Ordering::Relaxed),
                    Duplicate => 0,
                    other => panic!("{other:?} at {sequence}"),
                };
            }
        });
    }
    tasks.join_all().await;
    assert_eq!(i64::from(moves.load(Ordering::Relaxed)), LAST);
    assert_eq!(database.number("SELECT last_sequence FROM idem_inbox_marks").await, LAST);
}

/// The transaction has read before another one moved the mark: it is told the truth, or to run again.
async fn a_stale_snapshot_does_not_move_the_mark<D: InboxTest>(database: &D) {
    let (inbox, _) = inbox(database).await;
    for level in ["READ COMMITTED", "REPEATABLE READ"] {
        let pool = isolated(database, level).await;
        let sequence = if level == "READ COMMITTED" { 1 } else { 2 };
        let mut stale = pool.begin().await.expect("a transaction");
        D::rows_on(&mut stale, "SELECT last_sequence FROM idem_inbox_marks").await.expect("a snapshot");
        advance::<D>(&inbox, &pool, sequence).await;
        match inbox.advance(&mut stale, "partner", sequence).await {
            Ok(answer) => assert_eq!(answer, Duplicate, "{level}"),
            Err(error) => assert!(error.is_retryable(), "{level}: {error}"),
        }
        stale.rollback().await.expect("a rollback");
    }
}

async fn a_mark_is_told_exactly_where_its_table_has_triggers<D: InboxTest>(database: &D) {
    let (inbox, pool) = inbox(database).await;
    for trigger in D::TRIGGERS {
        database.execute(trigger).await;
    }
    let mut answers = Vec::new();
    for sequence in [5, 5, 5, 6, 6, 8, 7] {
        answers.push(advance::<D>(&inbox, &pool, sequence).await);
    }
    assert_eq!(answers, [First, Duplicate, Duplicate, Next, Duplicate, Gap { expected: 7 }, Next]);
}
