//! A transaction that has ended inside the body, which goes on: no verb writes by itself what was meant to be written in it.

use std::error::Error as _;

use idem_sqlx::TransactionError;
use idem_sqlx::entity::{EntityError, StoredIn, Versioned as _};

use crate::samples::Order;
use crate::{EntityTest, applied, common, with_order};

common::on_each_database! {
    a_verb_in_a_transaction_that_has_ended_writes_nothing
    a_verb_whose_statement_is_known_writes_nothing_either
}

fn assert_is_told(error: &EntityError, ending: &str) {
    assert!(error.to_string().contains("the transaction has ended inside the body"), "{ending}: {error:?}");
    assert!(!error.is_retryable(), "{ending}: {error:?}");
    assert!(TransactionError::find(error).is_some_and(TransactionError::is_ended), "{:?}", error.source());
}

async fn a_verb_in_a_transaction_that_has_ended_writes_nothing<D: EntityTest>(database: &D)
where
    Order: StoredIn<D::Sqlx>,
{
    let (pool, order) = with_order(database).await;
    let newer = Order { version: 9, ..order.of(9) };
    let before = database.rows("SELECT * FROM orders").await;
    for ending in ["ROLLBACK", "COMMIT"] {
        let mut tx = pool.begin().await.expect("a transaction");
        D::execute_on(&mut tx, ending).await.expect("it ends");
        let errors = [
            Order::new(2).insert_once(&mut tx).await.expect_err("it has ended"),
            order.update_to(&order.of(2), &mut tx).await.expect_err("it has ended"),
            Order::update_many(&mut tx, &[(order.clone(), order.of(3))]).await.expect_err("it has ended"),
            newer.apply_newer(&mut tx).await.expect_err("it has ended"),
            newer.insert_or_apply_newer(&mut tx).await.expect_err("it has ended"),
            order.delete(&mut tx).await.expect_err("it has ended"),
        ];
        for error in errors {
            assert_is_told(&error, ending);
        }
        let _ = tx.rollback().await;
        assert_eq!(database.rows("SELECT * FROM orders").await, before, "{ending}");
    }
}

/// A session that has prepared a statement does not look at its text again.
async fn a_verb_whose_statement_is_known_writes_nothing_either<D: EntityTest>(database: &D)
where
    Order: StoredIn<D::Sqlx>,
{
    let (pool, order) = with_order(database).await;
    let mut tx = pool.begin().await.expect("a transaction");
    let order = applied(order.update_to(&order.of(2), &mut tx).await.expect("it is open"));
    let order = applied(order.update_to(&order.of(3), &mut tx).await.expect("it is open"));
    D::execute_on(&mut tx, "COMMIT").await.expect("it ends");
    assert_is_told(&order.update_to(&order.of(4), &mut tx).await.expect_err("it has ended"), "COMMIT");
    let _ = tx.rollback().await;
    assert_eq!(database.texts("SELECT quantity FROM orders").await, ["3"]);
}
