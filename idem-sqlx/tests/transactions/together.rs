//! The record and what the body wrote are one.

use idem_core::{Answer, Operation};
use idem_sqlx::in_transaction;
use sqlx::Acquire as _;

use crate::common::{self, acquire, key, request};
use crate::databases::Ledger;
use crate::ledger::{Failure, SCOPE, begin, book, book_once, create, entries, records, refusal};

common::on_each_database! {
    record_and_side_effect_commit_together
    body_error_rolls_back_both
    outer_rollback_undoes_record
    a_savepoint_that_is_rolled_back_undoes_record_and_side_effect
    another_payload_is_refused
    a_call_that_was_dropped_and_committed_all_the_same_never_runs_again_in_silence
    a_body_that_undoes_its_own_claim_gets_an_error
    a_connection_without_a_transaction_is_refused
    a_bare_connection_in_a_transaction_will_do
    a_body_that_keeps_the_transaction_commits_nothing
    a_claim_under_a_lease_is_seen_in_a_transaction
}

async fn record_and_side_effect_commit_together<D: Ledger>(database: &D) {
    create(database).await;
    let store = database.store().await;
    let mut tx = begin::<D>(D::pool_of(&store)).await;
    assert_eq!(book::<D>(&store, &mut tx, "a", 1).await.expect("an answer"), Answer::Executed(1));
    assert_eq!(entries(database, "a").await, 0, "nobody sees it before the commit");
    tx.commit().await.expect("a commit");
    assert_eq!((entries(database, "a").await, records(database).await), (1, 1));
    assert_eq!(book_once::<D>(&store, "a", 2).await.expect("an answer"), Answer::Replayed(1));
    assert_eq!(entries(database, "a").await, 1);
}

async fn body_error_rolls_back_both<D: Ledger>(database: &D) {
    create(database).await;
    let store = database.store().await;
    let failed: Result<Answer<i64>, Failure> = in_transaction(D::pool_of(&store), async |mut tx| {
        Operation::new(SCOPE, "a")
            .run_in(&store, &mut *tx, async |mut tx, _| {
                crate::ledger::add::<D>(&mut tx, "a", 1).await?;
                Err("no funds".into())
            })
            .await
    })
    .await;
    assert_eq!(failed.expect_err("the body's error").to_string(), "no funds");
    assert_eq!((entries(database, "a").await, records(database).await), (0, 0));
    assert_eq!(book_once::<D>(&store, "a", 2).await.expect("an answer"), Answer::Executed(2));
}

async fn outer_rollback_undoes_record<D: Ledger>(database: &D) {
    create(database).await;
    let store = database.store().await;
    let mut tx = begin::<D>(D::pool_of(&store)).await;
    book::<D>(&store, &mut tx, "a", 1).await.expect("an answer");
    tx.rollback().await.expect("a rollback");
    assert_eq!((entries(database, "a").await, records(database).await), (0, 0));
    assert_eq!(book_once::<D>(&store, "a", 2).await.expect("an answer"), Answer::Executed(2));
}

async fn a_savepoint_that_is_rolled_back_undoes_record_and_side_effect<D: Ledger>(database: &D)
where
    for<'t, 'c> &'t mut sqlx::Transaction<'c, D::Sqlx>: sqlx::Acquire<'t, Database = D::Sqlx>,
{
    create(database).await;
    let store = database.store().await;
    let mut tx = begin::<D>(D::pool_of(&store)).await;
    book::<D>(&store, &mut tx, "kept", 1).await.expect("an answer");
    let mut savepoint = tx.begin().await.expect("a savepoint");
    book::<D>(&store, &mut savepoint, "undone", 1).await.expect("an answer");
    savepoint.rollback().await.expect("a rollback");
    tx.commit().await.expect("a commit");
    assert_eq!((entries(database, "kept").await, entries(database, "undone").await), (1, 0));
    assert_eq!(book_once::<D>(&store, "kept", 2).await.expect("an answer"), Answer::Replayed(1));
    assert_eq!(book_once::<D>(&store, "undone", 2).await.expect("an answer"), Answer::Executed(2));
}

async fn another_payload_is_refused<D: Ledger>(database: &D) {
    create(database).await;
    let store = database.store().await;
    let mut tx = begin::<D>(D::pool_of(&store)).await;
    for (payload, runs) in [(1, true), (1, false), (2, false)] {
        let operation = Operation::new(SCOPE, "a").fingerprint(&payload);
        let answer = crate::ledger::book_as::<D>(operation, &store, &mut tx, "a", payload).await;
        match payload {
            1 => assert_eq!(answer.expect("an answer").is_replayed(), !runs),
            _ => assert!(refusal(answer).is_mismatch()),
        }
    }
    tx.commit().await.expect("the transaction goes on");
    assert_eq!(entries(database, "a").await, 1);
}

async fn a_call_that_was_dropped_and_committed_all_the_same_never_runs_again_in_silence<D: Ledger>(database: &D) {
    create(database).await;
    let store = database.store().await;
    let mut tx = begin::<D>(D::pool_of(&store)).await;
    {
        let entered = tokio::sync::Notify::new();
        let call = std::pin::pin!(Operation::new(SCOPE, "a").run_in(&store, &mut tx, async |mut tx, _| {
            crate::ledger::add::<D>(&mut tx, "a", 1).await?;
            entered.notify_one();
            std::future::pending::<()>().await;
            Ok::<i64, Failure>(1)
        }));
        tokio::select! {
            answer = call => panic!("the body does not end: {answer:?}"),
            () = entered.notified() => {}
        }
    }
    tx.commit().await.expect("a commit that should have been a rollback");
    assert!(refusal(book_once::<D>(&store, "a", 2).await).is_abandoned());
    assert_eq!(entries(database, "a").await, 1);
}

async fn a_body_that_undoes_its_own_claim_gets_an_error<D: Ledger>(database: &D) {
    create(database).await;
    let store = database.store().await;
    let mut tx = begin::<D>(D::pool_of(&store)).await;
    D::execute_on(&mut tx, "SAVEPOINT before_it").await.expect("a savepoint");
    let answer = Operation::new(SCOPE, "a")
        .run_in(&store, &mut tx, async |mut tx, _| {
            D::execute_on(&mut tx, "ROLLBACK TO SAVEPOINT before_it").await?;
            Ok::<i64, Failure>(1)
        })
        .await;
    let error = refusal(answer);
    assert!(error.to_string().contains("undid the claim of its own call"), "{error}");
}

async fn a_connection_without_a_transaction_is_refused<D: Ledger>(database: &D) {
    create(database).await;
    let store = database.store().await;
    let mut connection = D::pool_of(&store).acquire().await.expect("a connection");
    let answer = Operation::new(SCOPE, "a").run_in(&store, &mut *connection, async |_, _| Ok::<i64, Failure>(1)).await;
    let error = refusal(answer);
    assert!(error.to_string().contains("no transaction is open on this connection"), "{error}");
    assert_eq!(records(database).await, 0);
}

async fn a_bare_connection_in_a_transaction_will_do<D: Ledger>(database: &D) {
    create(database).await;
    let store = database.store().await;
    let mut tx = begin::<D>(D::pool_of(&store)).await;
    let answer = Operation::new(SCOPE, "a").run_in(&store, &mut *tx, async |_, _| Ok::<i64, Failure>(1)).await;
    assert_eq!(answer.expect("an answer"), Answer::Executed(1));
    tx.commit().await.expect("a commit");
    assert_eq!(records(database).await, 1);
}

async fn a_body_that_keeps_the_transaction_commits_nothing<D: Ledger>(database: &D) {
    create(database).await;
    let store = database.store().await;
    let kept = std::sync::Mutex::new(None);
    let answer: Result<(), Failure> = in_transaction(D::pool_of(&store), async |mut tx| {
        crate::ledger::add::<D>(&mut tx, "a", 1).await?;
        *kept.lock().expect("no panic") = Some(tx);
        Ok(())
    })
    .await;
    let error = answer.expect_err("nothing was committed");
    assert!(error.to_string().contains("the body kept the transaction"), "{error}");
    drop(kept);
    assert_eq!(entries(database, "a").await, 0);

    let kept = std::sync::Mutex::new(None);
    let answer: Result<(), Failure> = in_transaction(D::pool_of(&store), async |tx| {
        *kept.lock().expect("no panic") = Some(tx);
        Err("the card was declined".into())
    })
    .await;
    let error = answer.expect_err("the body's own error");
    assert!(error.to_string().contains("the card was declined"), "{error}");
}

async fn a_claim_under_a_lease_is_seen_in_a_transaction<D: Ledger>(database: &D) {
    create(database).await;
    let store = database.store().await;
    let scope = idem_core::Scope::from_static(SCOPE);
    let held = idem_core::Key::new(scope, "held").expect("a key");
    let claim = acquire(&store, &request(&held)).await;
    let error = refusal(book_once::<D>(&store, "held", 1).await);
    assert!(error.is_in_progress() && error.retry_after().is_some(), "{error}");
    idem_core::Store::release(&store, &claim).await.expect("the claim is held");
    assert_eq!(book_once::<D>(&store, "held", 1).await.expect("an answer"), Answer::Executed(1));
    assert_eq!(idem_core::Store::lookup(&store, &key("other")).await.expect("an answer"), None);
}
