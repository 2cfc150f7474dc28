//! A transaction that has looked at the row before it loses: it is told what is so by now, or to begin again.

use idem_sqlx::entity::{Evidence, Transition, Versioned as _};
use sqlx::{Pool, Transaction};

use super::common::on_each_database;
use super::levels::Levels;
use super::machines::{OrderStatus, order_status};
use super::order::{Order, order_id};
use super::tables::{tables, unpaid_orders};

on_each_database! {
    who_has_seen_the_row_as_it_was_is_not_answered_from_what_it_saw
    who_has_seen_the_row_as_it_was_moves_the_row_as_it_is
}

/// A transaction that has read the row, and begins as people begin them.
async fn seen<D: Levels>(pool: &Pool<D::Sqlx>, id: i64) -> Transaction<'static, D::Sqlx> {
    let mut tx = pool.begin().await.expect("a transaction");
    let order = Order::load(order_id(id), &mut tx).await.expect("an answer").expect("a row");
    assert_eq!(order.status, OrderStatus::Unpaid);
    tx
}

async fn who_has_seen_the_row_as_it_was_is_not_answered_from_what_it_saw<D: Levels>(database: &D) {
    tables(database).await;
    for level in D::LEVELS {
        database.execute("DELETE FROM order_transitions").await;
        database.execute("DELETE FROM orders").await;
        unpaid_orders(database, [1, 2, 3]).await;
        let (pool, others) = (database.pool_at(level, 3).await, database.pool(1).await);
        let (mut pays, mut abandons, mut cancels) =
            (seen::<D>(&pool, 1).await, seen::<D>(&pool, 2).await, seen::<D>(&pool, 3).await);
        let _ = Order::fire(order_id(1), order_status::Pay).execute(&others).await.expect("an answer");
        let _ = Order::fire(order_id(2), order_status::Abandon).execute(&others).await.expect("an answer");
        let _ = Order::fire(order_id(3), order_status::Cancel).key("k").execute(&others).await.expect("an answer");

        let answers = [
            (
                Order::fire(order_id(1), order_status::Pay).execute(&mut pays).await,
                OrderStatus::Paid,
                Evidence::SameState,
            ),
            (
                Order::fire(order_id(2), order_status::Abandon).execute(&mut abandons).await,
                OrderStatus::Cancelled,
                Evidence::SameState,
            ),
            (
                Order::fire(order_id(3), order_status::Cancel).key("k").execute(&mut cancels).await,
                OrderStatus::Cancelled,
                Evidence::SameKey,
            ),
        ];
        for (answer, current, evidence) in answers {
            match answer {
                Ok(answer) => assert_eq!(answer, Transition::AlreadyApplied { current, evidence }, "{level}"),
                Err(error) => {
                    assert!(error.is_retryable(), "{level}: {error:?}");
                    assert_ne!(*level, "read committed");
                    assert_ne!(D::NAME, "mysql", "its current reads see what is so");
                }
            }
        }
    }
}

async fn who_has_seen_the_row_as_it_was_moves_the_row_as_it_is<D: Levels>(database: &D) {
    tables(database).await;
    for level in D::LEVELS {
        database.execute("DELETE FROM order_transitions").await;
        database.execute("DELETE FROM orders").await;
        unpaid_orders(database, [1]).await;
        let (pool, others) = (database.pool_at(level, 1).await, database.pool(1).await);
        let mut tx = seen::<D>(&pool, 1).await;
        let _ = Order::fire(order_id(1), order_status::Pay).execute(&others).await.expect("an answer");
        match Order::fire(order_id(1), order_status::Cancel).key("k").execute(&mut tx).await {
            Ok(Transition::Applied { from, version, .. }) => {
                assert_eq!((from, version), (OrderStatus::Paid, Some(3)), "{level}");
                tx.commit().await.expect("a commit");
                assert_eq!(database.texts("SELECT from_state FROM order_transitions").await, ["paid"]);
            }
            Err(error) if error.is_retryable() => assert_ne!(*level, "read committed"),
            other => panic!("{level}: {other:?}"),
        }
    }
}
