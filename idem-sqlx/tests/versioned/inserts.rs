//! Rows that are inserted once.

use std::sync::Arc;

use idem_sqlx::entity::{Deletion, Insertion, StoredIn, Versioned as _};
use tokio::task::JoinSet;

use crate::samples::{Note, Order};
use crate::{EntityTest, LONG_AGO, common, inserted, tables, with_order};

common::on_each_database! {
    a_row_that_is_there_is_returned_as_it_is
    the_database_makes_the_times_and_the_generated_columns_of_a_new_row
    a_row_is_known_by_its_unique_column_and_not_by_its_id
    another_constraint_is_an_error_that_leaves_the_transaction_usable
    a_deleted_row_in_the_way_is_an_error
    of_many_at_once_one_inserts_and_all_get_its_row
    whoever_waits_for_a_transaction_that_inserts_gets_its_row_and_inserts_if_that_is_rolled_back
}

async fn a_row_that_is_there_is_returned_as_it_is<D: EntityTest>(database: &D)
where
    Order: StoredIn<D::Sqlx>,
{
    let (pool, order) = with_order(database).await;
    let again = Order { quantity: 9, ..Order::new(1) };
    assert_eq!(again.insert_once(&pool).await.expect("an answer"), Insertion::Existing(order.clone()));
    let mut tx = pool.begin().await.expect("a transaction");
    assert_eq!(again.insert_once(&mut tx).await.expect("an answer").into_row(), order);
    tx.commit().await.expect("nothing was written");
    assert_eq!(database.number("SELECT count(*) FROM orders").await, 1);
}

async fn the_database_makes_the_times_and_the_generated_columns_of_a_new_row<D: EntityTest>(database: &D)
where
    Order: StoredIn<D::Sqlx>,
{
    let pool = tables(database).await;
    let order = Order { quantity: 4, version: 5, total: 1, status: "paid".to_owned(), ..Order::new(1) };
    let new = inserted(order.insert_once(&pool).await.expect("an answer"));
    assert!(new.created_at > LONG_AGO && new.updated_at == new.created_at, "{new:?}");
    let (created_at, updated_at) = (new.created_at, new.updated_at);
    assert_eq!(new, Order { total: 40, created_at, updated_at, ..order });
}

async fn a_row_is_known_by_its_unique_column_and_not_by_its_id<D: EntityTest>(database: &D)
where
    Note: StoredIn<D::Sqlx>,
{
    let pool = tables(database).await;
    let note = inserted(Note::new(1, "N-1").insert_once(&pool).await.expect("an answer"));
    let again = Note::new(2, "N-1").insert_once(&pool).await.expect("an answer");
    assert_eq!(again, Insertion::Existing(note));
    let error = Note::new(1, "N-2").insert_once(&pool).await.expect_err("its id is another row's");
    assert!(error.is_conflict() && error.to_string().contains("same `number`"), "{error}");
}

async fn another_constraint_is_an_error_that_leaves_the_transaction_usable<D: EntityTest>(database: &D)
where
    Note: StoredIn<D::Sqlx>,
{
    let pool = tables(database).await;
    let note = inserted(Note::new(1, "N-1").insert_once(&pool).await.expect("an answer"));
    let mut tx = pool.begin().await.expect("a transaction");
    let same_slug = Note { slug: note.slug.clone(), ..Note::new(2, "N-2") };
    let error = same_slug.insert_once(&mut tx).await.expect_err("its slug is another row's");
    assert!(error.is_conflict() && !error.is_retryable(), "{error:?}");
    inserted(Note::new(3, "N-3").insert_once(&mut tx).await.expect("an answer"));
    tx.commit().await.expect("committed");
    assert_eq!(database.texts("SELECT number FROM notes ORDER BY id").await, ["N-1", "N-3"]);
}

async fn a_deleted_row_in_the_way_is_an_error<D: EntityTest>(database: &D)
where
    Note: StoredIn<D::Sqlx>,
{
    let pool = tables(database).await;
    let note = inserted(Note::new(1, "N-1").insert_once(&pool).await.expect("an answer"));
    assert_eq!(note.delete(&pool).await.expect("an answer"), Deletion::Deleted);
    let error = Note::new(1, "N-1").insert_once(&pool).await.expect_err("a deleted row is in the way");
    assert!(error.is_conflict() && error.to_string().contains("counts as deleted"), "{error}");
}

async fn of_many_at_once_one_inserts_and_all_get_its_row<D: EntityTest>(database: &D)
where
    Note: StoredIn<D::Sqlx>,
{
    let pool = tables(database).await;
    let barrier = Arc::new(tokio::sync::Barrier::new(8));
    let mut tasks = JoinSet::new();
    for id in 0..8 {
        let (pool, barrier) = (pool.clone(), Arc::clone(&barrier));
        tasks.spawn(async move {
            barrier.wait().await;
            Note::new(id, "N-1").insert_once(&pool).await.expect("an answer")
        });
    }
    let answers = tasks.join_all().await;
    let new = answers.iter().filter(|answer| matches!(answer, Insertion::Inserted(_))).count();
    assert_eq!(new, 1, "{answers:?}");
    let rows: Vec<_> = answers.into_iter().map(Insertion::into_row).collect();
    assert!(rows.iter().all(|row| *row == rows[0]), "{rows:?}");
}

async fn whoever_waits_for_a_transaction_that_inserts_gets_its_row_and_inserts_if_that_is_rolled_back<D: EntityTest>(
    database: &D,
) where
    Note: StoredIn<D::Sqlx>,
{
    let pool = tables(database).await;
    for (first, number, commits) in [(1, "N-1", true), (3, "N-3", false)] {
        let mut tx = pool.begin().await.expect("a transaction");
        let theirs = inserted(Note::new(first, number).insert_once(&mut tx).await.expect("an answer"));
        let other = pool.clone();
        let waiting = tokio::spawn(async move { Note::new(first + 1, number).insert_once(&other).await });
        if commits {
            tx.commit().await.expect("committed");
        } else {
            tx.rollback().await.expect("rolled back");
        }
        let answer = waiting.await.expect("no panic").expect("an answer");
        if commits {
            assert_eq!(answer, Insertion::Existing(theirs));
        } else {
            assert_eq!(inserted(answer).id, first + 1);
        }
    }
}
