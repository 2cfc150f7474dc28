//! A transaction that ends inside the body, which goes on: nothing that idem writes after that stands by itself.

use std::sync::atomic::{AtomicBool, Ordering};

use idem_core::{Answer, Operation};
use idem_sqlx::{Inbox, InboxDatabase, TransactionError, in_transaction};
use sqlx::{Pool, Transaction};

use crate::common;
use crate::databases::Ledger;
use crate::ledger::{Failure, SCOPE, add, book, create, entries, records};

common::on_each_database! {
    an_inbox_that_is_asked_after_the_end_remembers_nothing
    an_inbox_that_is_asked_in_a_transaction_of_the_applications_own_remembers_nothing_after_its_end
    a_call_that_joins_after_the_end_runs_nothing_and_leaves_no_record
    an_outcome_is_not_stored_after_the_end
    a_call_that_will_not_wait_is_told_of_the_end_too
}

/// What is said, of whatever kind the error is.
fn assert_is_told(error: &Failure, ending: &str) {
    let text = error.to_string();
    let cause = error.source().map(ToString::to_string).unwrap_or_default();
    assert!(
        text.contains("the transaction has ended inside the body")
            || cause.contains("the transaction has ended inside the body"),
        "{ending}: {error:?}"
    );
    assert!(TransactionError::find(error).is_some_and(TransactionError::is_ended), "{ending}: {error:?}");
}

async fn inbox<D: Ledger>(pool: &Pool<D::Sqlx>) -> Inbox
where
    D::Sqlx: InboxDatabase,
{
    let inbox = Inbox::new("ledger").expect("a name");
    inbox.migrate(pool).await.expect("a new table");
    inbox
}

/// Asks for everything that an inbox can be asked; all of it is refused, and none of it is remembered.
async fn ask<D: Ledger>(inbox: &Inbox, tx: &mut Transaction<'_, D::Sqlx>, ending: &str)
where
    D::Sqlx: InboxDatabase,
{
    let errors = [
        inbox.first_time(tx, "evt_17").await.expect_err("it has ended"),
        inbox.first_times(tx, &["evt_17", "evt_18"]).await.expect_err("it has ended"),
        inbox.advance(tx, "partner", 1).await.expect_err("it has ended"),
        inbox.advance_past(tx, "partner", 2).await.expect_err("it has ended"),
    ];
    for error in errors {
        assert!(!error.is_retryable(), "{ending}: {error:?}");
        assert_is_told(&error.into(), ending);
    }
}

async fn is_empty<D: Ledger>(database: &D) -> bool {
    let ids = database.number("SELECT count(*) FROM idem_inbox").await;
    ids == 0 && database.number("SELECT count(*) FROM idem_inbox_marks").await == 0
}

async fn an_inbox_that_is_asked_after_the_end_remembers_nothing<D: Ledger>(database: &D)
where
    D::Sqlx: InboxDatabase,
{
    create(database).await;
    let pool = database.pool(2).await;
    let inbox = inbox::<D>(&pool).await;
    for ending in D::ENDINGS {
        let answer: Result<(), Failure> = in_transaction(&pool, async |mut tx| {
            add::<D>(&mut tx, "lost", 1).await?;
            // Nobody should go on after it.
            let _ = D::execute_on(&mut tx, ending).await;
            ask::<D>(&inbox, &mut tx, ending).await;
            inbox.first_time(&mut tx, "evt_17").await?;
            Ok(())
        })
        .await;
        assert_is_told(&answer.expect_err("nothing was committed"), ending);
        assert!(is_empty(database).await, "{ending}");
    }
    // The message is new when it is delivered again, and the connection is as good as another.
    let again = in_transaction(&pool, async |mut tx| Ok::<_, Failure>(inbox.first_time(&mut tx, "evt_17").await?));
    assert!(again.await.expect("a commit"));
}

async fn an_inbox_that_is_asked_in_a_transaction_of_the_applications_own_remembers_nothing_after_its_end<D: Ledger>(
    database: &D,
) where
    D::Sqlx: InboxDatabase,
{
    create(database).await;
    let pool = database.pool(2).await;
    let inbox = inbox::<D>(&pool).await;
    for ending in D::ENDINGS {
        let mut tx = pool.begin().await.expect("a transaction");
        assert!(inbox.first_time(&mut tx, &("before", *ending)).await.expect("it is open"));
        D::execute_on(&mut tx, "DELETE FROM idem_inbox").await.expect("so that only what comes after it counts");
        let _ = D::execute_on(&mut tx, ending).await;
        ask::<D>(&inbox, &mut tx, ending).await;
        let _ = tx.rollback().await;
        assert!(is_empty(database).await, "{ending}");
    }
}

async fn a_call_that_joins_after_the_end_runs_nothing_and_leaves_no_record<D: Ledger>(database: &D) {
    create(database).await;
    let store = database.store().await;
    for ending in D::ENDINGS {
        let answer: Result<Answer<i64>, Failure> = in_transaction(D::pool_of(&store), async |mut tx| {
            add::<D>(&mut tx, "lost", 1).await?;
            let _ = D::execute_on(&mut tx, ending).await;
            book::<D>(&store, &mut tx, "booked", 1).await
        })
        .await;
        assert_is_told(&answer.expect_err("nothing was committed"), ending);
        assert_eq!((records(database).await, entries(database, "booked").await), (0, 0), "{ending}");
    }
}

async fn an_outcome_is_not_stored_after_the_end<D: Ledger>(database: &D) {
    create(database).await;
    let store = database.store().await;
    for ending in D::ENDINGS {
        let ran = AtomicBool::new(false);
        let answer: Result<Answer<i64>, Failure> = in_transaction(D::pool_of(&store), async |mut tx| {
            Operation::new(SCOPE, *ending)
                .run_in(&store, &mut *tx, async |mut tx, _| {
                    ran.store(true, Ordering::Relaxed);
                    let _ = D::execute_on(&mut tx, ending).await;
                    Ok::<_, Failure>(1)
                })
                .await
        })
        .await;
        assert!(ran.into_inner(), "{ending}");
        answer.expect_err("nothing was committed together");
    }
    // A claim that the body itself has committed waits for a person; no outcome stands beside it.
    let done = "SELECT count(*) FROM idem_records WHERE state NOT IN ('running')";
    assert_eq!(database.number(done).await, 0);
}

async fn a_call_that_will_not_wait_is_told_of_the_end_too<D: Ledger>(database: &D) {
    create(database).await;
    let store = database.store().await;
    for in_flight in [idem_core::InFlight::Reject, idem_core::InFlight::Wait(common::HOUR)] {
        let answer: Result<Answer<i64>, Failure> = in_transaction(D::pool_of(&store), async |mut tx| {
            D::execute_on(&mut tx, "ROLLBACK").await?;
            let operation = Operation::new(SCOPE, "order").in_flight(in_flight);
            crate::ledger::book_as::<D>(operation, &store, &mut tx, "booked", 1).await
        })
        .await;
        assert_is_told(&answer.expect_err("nothing was committed"), "ROLLBACK");
    }
    assert_eq!((records(database).await, entries(database, "booked").await), (0, 0));
}

/// To find out that it has ended may be cut off too, and begins no other transaction: what the body writes after it would be
/// acknowledged, and lost.
#[cfg(feature = "sqlite")]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_question_that_is_dropped_after_the_end_leaves_no_transaction_open_on_sqlite() {
    use crate::common::{Folder, TestDatabase as _, dropped_after};

    let database = Folder::migrated().await;
    create(&database).await;
    let pool = database.pool(1).await;
    let inbox = inbox::<Folder>(&pool).await;
    for pending in 0..1_000 {
        let mut tx = pool.begin().await.expect("a transaction");
        Folder::execute_on(&mut tx, "ROLLBACK").await.expect("it ends");
        let is_told = dropped_after(pending, inbox.first_time(&mut tx, "evt_17")).await;
        add::<Folder>(&mut tx, "after", 1).await.expect("a row");
        assert_eq!(entries(&database, "after").await, i64::from(pending) + 1, "dropped after {pending}");
        // So that sqlx finds one to end.
        Folder::execute_on(&mut tx, "BEGIN").await.expect("none is open");
        tx.rollback().await.expect("it is open");
        if is_told {
            return;
        }
    }
    panic!("it was never told");
}

/// The server rolls the whole transaction back, and the body that swallows the error is in none any more.
#[cfg(feature = "mysql")]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs a server: cargo xtask test"]
async fn a_message_after_a_deadlock_that_mysql_reported_and_the_body_swallowed_is_new_when_it_comes_again() {
    use crate::common::TestDatabase as _;
    use crate::common::mysql::Database;

    let database = Database::migrated().await;
    database.execute("CREATE TABLE one (number BIGINT); INSERT INTO one VALUES (0)").await;
    database.execute("CREATE TABLE two (number BIGINT); INSERT INTO two VALUES (0)").await;
    database.execute("CREATE TABLE heavy (number BIGINT)").await;
    let pool = database.pool(3).await;
    let inbox = inbox::<Database>(&pool).await;
    // Of two in each other's way, the server gives up the one that has written less.
    let mut other = pool.begin().await.expect("a transaction");
    let heavy = format!("INSERT INTO heavy VALUES (1){}", ", (1)".repeat(500));
    Database::execute_on(&mut other, &heavy).await.expect("rows");
    Database::execute_on(&mut other, "UPDATE two SET number = 1").await.expect("it is free");
    let (ready, waits) = tokio::sync::oneshot::channel::<()>();
    let other = tokio::spawn(async move {
        waits.await.expect("the body has come so far");
        Database::execute_on(&mut other, "UPDATE one SET number = 1").await.expect("the body gives way");
        other.commit().await.expect("a commit");
    });
    let ready = std::sync::Mutex::new(Some(ready));
    let answer: Result<(), Failure> = in_transaction(&pool, async |mut tx| {
        Database::execute_on(&mut tx, "UPDATE one SET number = 2").await?;
        let ready = ready.lock().expect("no panic").take().expect("one run");
        ready.send(()).expect("it waits");
        let deadlock = Database::execute_on(&mut tx, "UPDATE two SET number = 2").await;
        assert!(deadlock.is_err(), "the server gives the body up");
        inbox.first_time(&mut tx, "evt_17").await?;
        Ok(())
    })
    .await;
    assert_is_told(&answer.expect_err("nothing was committed"), "a deadlock");
    other.await.expect("no panic");
    assert!(is_empty(&database).await);
    let again = in_transaction(&pool, async |mut tx| Ok::<_, Failure>(inbox.first_time(&mut tx, "evt_17").await?));
    assert!(again.await.expect("a commit"));
}
