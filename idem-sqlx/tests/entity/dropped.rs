//! A transition whose caller goes away at any of its awaits: all of it happened, or nothing.

use std::future::Future;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use idem_sqlx::entity::{Transition, Versioned as _};

use super::common::on_each_database;
use super::machines::order_status;
use super::order::{EntityDatabase, Order, order_id};
use super::tables::{tables, unpaid_orders};

on_each_database! { a_dropped_transition_moved_the_row_with_its_audit_or_not_at_all }

/// Polls until the future has been pending so often, and drops it then. Whether it was ready before.
async fn dropped_after<T>(pending: u32, future: impl Future<Output = T>) -> bool {
    let mut future = pin!(future);
    for _ in 0..pending {
        let mut context = Context::from_waker(Waker::noop());
        match future.as_mut().poll(&mut context) {
            Poll::Ready(_) => return true,
            Poll::Pending => tokio::time::sleep(std::time::Duration::from_micros(300)).await,
        }
    }
    false
}

async fn a_dropped_transition_moved_the_row_with_its_audit_or_not_at_all<D: EntityDatabase>(database: &D) {
    tables(database).await;
    let pool = database.pool(2).await;
    let mut finished = 0;
    for id in 1..60 {
        unpaid_orders(database, [id]).await;
        let cancel = Order::fire(order_id(id), order_status::Cancel).key("k").execute(&pool);
        finished += u32::from(dropped_after(u32::try_from(id).expect("a few"), cancel).await);
        // Whatever became of the first attempt, its retry is applied or told so, and then all of it is there.
        let retry = Order::fire(order_id(id), order_status::Cancel).key("k").execute(&pool).await.expect("an answer");
        assert!(matches!(retry, Transition::Applied { .. } | Transition::AlreadyApplied { .. }), "{id}: {retry:?}");
    }
    let whole = "SELECT count(*) FROM orders JOIN order_transitions USING (tenant, id) \
         WHERE status = 'cancelled' AND orders.version = 2 AND order_transitions.version = 2";
    assert_eq!(database.number(whole).await, 59);
    assert_eq!(database.number("SELECT count(*) FROM order_transitions").await, 59);
    assert!(finished < 59, "some were dropped");
}
