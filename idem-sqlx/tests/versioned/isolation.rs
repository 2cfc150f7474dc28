//! Transactions that do not see what others have committed since they began: a write that loses is told so by the row as it
//! is, or by an error that says to run the transaction again, and never by a row as it was.

use std::time::Duration;

use idem_sqlx::entity::{Insertion, StoredIn, Versioned as _, Write};
use sqlx::Transaction;

use crate::common::TestDatabase as _;
use crate::common::mysql::Database;
use crate::common::postgres::Schema;
use crate::common::sqlite::Folder;
use crate::samples::{Note, Order};
use crate::{EntityTest, applied, conflict, inserted, isolated, with_order};

/// A transaction that has read the order, which somebody else has then written, and an order that it does not know of.
async fn outdated<D: EntityTest>(database: &D, level: &'static str) -> (Transaction<'static, D::Sqlx>, Order, Order)
where
    Order: StoredIn<D::Sqlx>,
{
    let (pool, order) = with_order(database).await;
    let mut tx = isolated(database, level).await.begin().await.expect("a transaction");
    assert_eq!(Order::load(order.address(), &mut tx).await.expect("an answer"), Some(order.clone()));
    let new = applied(order.update_to(&order.of(2), &pool).await.expect("an answer"));
    inserted(Order::new(2).insert_once(&pool).await.expect("an answer"));
    (tx, order, new)
}

/// Each write answers as if the transaction had begun just now.
async fn is_answered_by_what_is_committed<D: EntityTest>(database: &D, level: &'static str)
where
    Order: StoredIn<D::Sqlx>,
{
    let (mut tx, order, new) = outdated(database, level).await;
    let write = order.update_to(&order.of(3), &mut tx).await.expect("an answer");
    assert_eq!(conflict(write), (Some(1), new.clone()), "{level}");
    assert!(matches!(order.delete(&mut tx).await, Ok(idem_sqlx::entity::Deletion::Conflict { .. })), "{level}");
    let same = Order { version: 2, ..order.of(9) };
    assert_eq!(same.apply_newer(&mut tx).await.expect("an answer"), Write::Unchanged, "{level}");
    let writes = Order::update_many(&mut tx, &[(order.clone(), order.of(3))]).await.expect("an answer");
    assert!(matches!(&*writes, [Write::Conflict { found, .. }] if *found == new), "{level}: {writes:?}");
    let existing = Order::new(2).insert_once(&mut tx).await.expect("an answer");
    assert!(matches!(existing, Insertion::Existing(_)), "{level}: {existing:?}");
    let new = applied(new.update_to(&new.of(4), &mut tx).await.expect("an answer"));
    assert_eq!((new.version, new.quantity), (3, 4), "{level}");
    tx.commit().await.expect("committed");
}

/// Each write says that the transaction is to be run again.
async fn is_told_to_run_again<D: EntityTest>(database: &D, level: &'static str)
where
    Order: StoredIn<D::Sqlx>,
{
    let (mut tx, order, _) = outdated(database, level).await;
    let error = order.update_to(&order.of(3), &mut tx).await.expect_err("no answer is right");
    assert!(error.is_retryable() && !error.is_conflict(), "{level}: {error:?}");
    tx.rollback().await.expect("rolled back");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs a server: cargo xtask test"]
async fn postgres_answers_by_what_is_committed_or_says_to_run_again() {
    is_answered_by_what_is_committed(&Schema::empty().await, "READ COMMITTED").await;
    for level in ["REPEATABLE READ", "SERIALIZABLE"] {
        is_told_to_run_again(&Schema::empty().await, level).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs a server: cargo xtask test"]
async fn postgres_says_to_run_again_when_a_row_is_in_the_way_that_the_transaction_cannot_see() {
    let database = Schema::empty().await;
    let (mut tx, _, _) = outdated(&database, "REPEATABLE READ").await;
    let error = Order::new(2).insert_once(&mut tx).await.expect_err("no answer is right");
    assert!(error.is_retryable() && !error.is_conflict(), "{error:?}");
}

/// Its snapshot shows the old row to a plain read, which would take the write for one that never happened.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs a server: cargo xtask test"]
async fn mysql_answers_by_what_is_committed_whatever_its_snapshot_shows() {
    for level in ["READ COMMITTED", "REPEATABLE READ"] {
        is_answered_by_what_is_committed(&Database::empty().await, level).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sqlite_says_to_run_again_when_a_transaction_has_read_what_is_not_there_any_more() {
    is_told_to_run_again(&Folder::empty().await, "").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sqlite_says_to_run_again_when_somebody_else_is_writing() {
    let database = Folder::empty().await;
    let (pool, order) = with_order(&database).await;
    let busy = database.busy_pool(1, Duration::ZERO).await;
    let mut writer = pool.begin().await.expect("a transaction");
    applied(order.update_to(&order.of(2), &mut writer).await.expect("an answer"));
    let errors = [
        order.update_to(&order.of(3), &busy).await.err(),
        order.delete(&busy).await.err(),
        Order::new(2).insert_once(&busy).await.err(),
        Order::update_many(&busy, &[(order.clone(), order.of(3))]).await.err(),
    ];
    for error in errors {
        let error = error.expect("the database is locked");
        assert!(error.is_retryable() && !error.is_conflict() && !error.is_locked(), "{error:?}");
    }
    assert_eq!(Note::load(1, &busy).await.expect("a reader does not wait"), None);
}
