//! Locks of rows, where there are any.

use idem_sqlx::entity::{EntityError, RowLocks, StoredIn, Versioned as _};
use idem_sqlx::in_transaction;

use crate::common::TestDatabase as _;
use crate::samples::Order;
use crate::{EntityTest, applied, conflict, with_order};

/// Makes a test of each case on each database that has row locks.
macro_rules! on_each_server {
    ($($case:ident)*) => {
        mod postgres {
            use super::*;

            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            #[ignore = "needs a server: cargo xtask test"]
            async fn $case() {
                super::$case(&crate::common::postgres::Schema::empty().await).await;
            })*
        }

        mod mysql {
            use super::*;

            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            #[ignore = "needs a server: cargo xtask test"]
            async fn $case() {
                super::$case(&crate::common::mysql::Database::empty().await).await;
            })*
        }
    };
}

on_each_server! {
    nowait_answers_while_another_transaction_holds_the_row
    skip_locked_passes_over_a_row_that_is_held
    rows_are_shared_by_readers_and_not_with_a_writer
    whoever_writes_waits_for_the_lock_and_then_sees_the_new_version
    a_lock_that_nobody_waits_for_is_told_at_once_and_not_run_again
    a_row_of_another_tenant_is_not_locked
}

async fn nowait_answers_while_another_transaction_holds_the_row<D: EntityTest>(database: &D)
where
    D::Sqlx: RowLocks,
    Order: StoredIn<D::Sqlx>,
{
    let (pool, order) = with_order(database).await;
    let mut holder = pool.begin().await.expect("a transaction");
    let held = Order::lock(&mut holder, order.address()).for_update().one().await.expect("a lock");
    assert_eq!(held.as_ref(), Some(&order));
    let again = Order::lock(&mut holder, order.address()).for_update().nowait().one().await;
    assert_eq!(again.expect("the transaction holds it itself"), held);

    let mut tx = pool.begin().await.expect("a transaction");
    let error = Order::lock(&mut tx, order.address()).for_update().nowait().one().await.expect_err("it is held");
    assert!(error.is_locked() && !error.is_conflict(), "{error:?}");
    tx.rollback().await.expect("rolled back");

    holder.rollback().await.expect("rolled back");
    let mut tx = pool.begin().await.expect("a transaction");
    let free = Order::lock(&mut tx, order.address()).for_update().nowait().one().await;
    assert_eq!(free.expect("nobody holds it"), Some(order));
}

async fn skip_locked_passes_over_a_row_that_is_held<D: EntityTest>(database: &D)
where
    D::Sqlx: RowLocks,
    Order: StoredIn<D::Sqlx>,
{
    let (pool, order) = with_order(database).await;
    let other = Order::new(2).insert_once(&pool).await.expect("an answer").into_row();
    let mut holder = pool.begin().await.expect("a transaction");
    Order::lock(&mut holder, order.address()).for_update().one().await.expect("a lock");
    let mut tx = pool.begin().await.expect("a transaction");
    let held = Order::lock(&mut tx, order.address()).for_update().skip_locked().one().await;
    assert_eq!(held.expect("an answer"), None);
    let shared = Order::lock(&mut tx, order.address()).for_share().skip_locked().one().await;
    assert_eq!(shared.expect("an answer"), None);
    let free = Order::lock(&mut tx, other.address()).for_update().skip_locked().one().await;
    assert_eq!(free.expect("an answer"), Some(other));
}

async fn rows_are_shared_by_readers_and_not_with_a_writer<D: EntityTest>(database: &D)
where
    D::Sqlx: RowLocks,
    Order: StoredIn<D::Sqlx>,
{
    let (pool, order) = with_order(database).await;
    let mut reader = pool.begin().await.expect("a transaction");
    let read = Order::lock(&mut reader, order.address()).for_share().one().await;
    assert_eq!(read.expect("a lock"), Some(order.clone()));
    let mut other = pool.begin().await.expect("a transaction");
    let read = Order::lock(&mut other, order.address()).for_share().nowait().one().await;
    assert_eq!(read.expect("readers share"), Some(order.clone()));
    let mut writer = pool.begin().await.expect("a transaction");
    let error = Order::lock(&mut writer, order.address()).for_update().nowait().one().await;
    assert!(error.expect_err("two hold it").is_locked());
    writer.rollback().await.expect("rolled back");
    reader.rollback().await.expect("rolled back");
    other.rollback().await.expect("rolled back");

    let mut writer = pool.begin().await.expect("a transaction");
    Order::lock(&mut writer, order.address()).for_update().one().await.expect("a lock");
    let mut reader = pool.begin().await.expect("a transaction");
    let error = Order::lock(&mut reader, order.address()).for_share().nowait().one().await;
    assert!(error.expect_err("a writer holds it").is_locked());
}

async fn whoever_writes_waits_for_the_lock_and_then_sees_the_new_version<D: EntityTest>(database: &D)
where
    D::Sqlx: RowLocks,
    Order: StoredIn<D::Sqlx>,
{
    let (pool, order) = with_order(database).await;
    let mut holder = pool.begin().await.expect("a transaction");
    let held = Order::lock(&mut holder, order.address()).for_update().one().await.expect("a lock").expect("a row");
    let (other, stale) = (pool.clone(), order.clone());
    let waiting = tokio::spawn(async move { stale.update_to(&stale.of(3), &other).await });
    let new = applied(held.update_to(&held.of(2), &mut holder).await.expect("an answer"));
    holder.commit().await.expect("committed");
    let write = waiting.await.expect("no panic").expect("an answer");
    assert_eq!(conflict(write), (Some(1), new));
}

async fn a_lock_that_nobody_waits_for_is_told_at_once_and_not_run_again<D: EntityTest>(database: &D)
where
    D::Sqlx: RowLocks,
    Order: StoredIn<D::Sqlx>,
{
    #[derive(Debug)]
    struct Failed(Box<dyn std::error::Error + Send + Sync>);

    impl From<sqlx::Error> for Failed {
        fn from(error: sqlx::Error) -> Self {
            Self(error.into())
        }
    }

    impl From<EntityError> for Failed {
        fn from(error: EntityError) -> Self {
            Self(error.into())
        }
    }

    impl AsRef<dyn std::error::Error + Send + Sync> for Failed {
        fn as_ref(&self) -> &(dyn std::error::Error + Send + Sync + 'static) {
            &*self.0
        }
    }

    let (pool, order) = with_order(database).await;
    let mut holder = pool.begin().await.expect("a transaction");
    Order::lock(&mut holder, order.address()).for_update().one().await.expect("a lock");
    let runs = std::sync::atomic::AtomicU32::new(0);
    let failed = in_transaction(&pool, async |mut tx| {
        runs.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        Ok::<_, Failed>(Order::lock(&mut tx, order.address()).for_update().nowait().one().await?)
    })
    .await
    .expect_err("it is held");
    assert!(failed.0.downcast_ref().is_some_and(EntityError::is_locked), "{failed:?}");
    assert_eq!(runs.into_inner(), 1);
}

async fn a_row_of_another_tenant_is_not_locked<D: EntityTest>(database: &D)
where
    D::Sqlx: RowLocks,
    Order: StoredIn<D::Sqlx>,
{
    let (pool, order) = with_order(database).await;
    let foreign = Order { tenant_id: 8, ..order };
    let mut tx = pool.begin().await.expect("a transaction");
    let found = Order::lock(&mut tx, foreign.address()).for_update().one().await;
    assert_eq!(found.expect("an answer"), None);
}
