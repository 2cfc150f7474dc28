//! An event in a transaction that has ended inside the body, which goes on: the row is not moved by itself.

use idem_sqlx::TransactionError;
use idem_sqlx::entity::Versioned as _;

use super::common::on_each_database;
use super::machines::order_status;
use super::order::{EntityDatabase, Order, order_id};
use super::tables::{tables, unpaid_orders};

on_each_database! {
    an_event_in_a_transaction_that_has_ended_moves_nothing
}

async fn an_event_in_a_transaction_that_has_ended_moves_nothing<D: EntityDatabase>(database: &D) {
    tables(database).await;
    unpaid_orders(database, [1]).await;
    let pool = database.pool(1).await;
    for ending in ["ROLLBACK", "COMMIT"] {
        let mut tx = pool.begin().await.expect("a transaction");
        D::execute_on(&mut tx, ending).await.expect("it ends");
        let errors = [
            Order::fire(order_id(1), order_status::Cancel).key("k").execute(&mut tx).await.expect_err("it has ended"),
            Order::fire(order_id(1), order_status::Pay).execute(&mut tx).await.expect_err("it has ended"),
        ];
        for error in errors {
            assert!(error.to_string().contains("the transaction has ended inside the body"), "{ending}: {error:?}");
            assert!(TransactionError::find(&error).is_some_and(TransactionError::is_ended), "{ending}: {error:?}");
        }
        let _ = tx.rollback().await;
    }
    let unmoved = "SELECT count(*) FROM orders WHERE status = 'unpaid' AND version = 1";
    assert_eq!(database.number(unmoved).await, 1);
    assert_eq!(database.number("SELECT count(*) FROM order_transitions").await, 0);
}
