//! A transition whose caller goes away at any of its awaits: all of it happened, or nothing.

use idem_sqlx::entity::{Transition, Versioned as _};

use super::common::{dropped_after, on_each_database};
use super::machines::order_status;
use super::order::{EntityDatabase, Order, order_id};
use super::tables::{tables, unpaid_orders};

on_each_database! {
    a_dropped_transition_moved_the_row_with_its_audit_or_not_at_all
    a_dropped_transition_leaves_no_transaction_open
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

async fn a_dropped_transition_leaves_no_transaction_open<D: EntityDatabase>(database: &D) {
    tables(database).await;
    let pool = database.pool(1).await;
    // sqlx loses a connection to MySQL whose statement is dropped while it is prepared, so they are prepared here.
    unpaid_orders(database, [0]).await;
    let warm = Order::fire(order_id(0), order_status::Cancel).key("k").execute(&pool).await;
    assert!(warm.expect("an answer").applied().is_ok());
    for id in 1..1_000 {
        unpaid_orders(database, [id]).await;
        let cancel = Order::fire(order_id(id), order_status::Cancel).key("k").execute(&pool);
        let is_finished = dropped_after(u32::try_from(id - 1).expect("a few"), cancel).await;
        let mut on = pool.acquire().await.expect("a connection");
        let address = format!("UPDATE orders SET address = 'after' WHERE id = {id}");
        D::execute_on(&mut on, &address).await.expect("an update");
        let kept = database.number("SELECT count(*) FROM orders WHERE address = 'after'").await;
        assert_eq!(kept, id, "dropped after {}", id - 1);
        if is_finished {
            return;
        }
    }
    panic!("it never finished");
}
