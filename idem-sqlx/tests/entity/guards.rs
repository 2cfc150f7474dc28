//! Guards: a transition that would be legal and that a condition or a Rust function refuses.

use idem_core::machine::GuardError;
use idem_sqlx::entity::{Evidence, Transition, Versioned as _, Why};

use super::common::on_each_database;
use super::machines::{OrderStatus, order_status};
use super::order::{EntityDatabase, Order, order_id};
use super::retries::{already, set, unpaid};

on_each_database! {
    a_condition_that_does_not_hold_rejects
    a_rust_guard_rejects_the_row_that_it_was_asked_about
}

async fn a_condition_that_does_not_hold_rejects<D: EntityDatabase>(database: &D) {
    let pool = unpaid(database).await;
    set(database, "status = 'held', total = 5000").await;
    let release = || Order::fire(order_id(17), order_status::Release).execute(&pool);
    let rejected =
        Transition::Rejected { guard: GuardError::new("`total < 5000` does not hold"), current: OrderStatus::Held };
    assert_eq!(release().await.expect("an answer"), rejected);
    set(database, "total = 4999").await;
    assert!(matches!(release().await, Ok(Transition::Applied { .. })));
}

async fn a_rust_guard_rejects_the_row_that_it_was_asked_about<D: EntityDatabase>(database: &D) {
    let pool = unpaid(database).await;
    set(database, "status = 'paid'").await;
    let order = Order::load(order_id(17), &pool).await.expect("an answer").expect("a row");
    let rejected =
        Transition::Rejected { guard: GuardError::new("the order has no address"), current: OrderStatus::Paid };
    assert_eq!(order.transition(order_status::Ship).execute(&pool).await.expect("an answer"), rejected);

    set(database, "address = 'Main Street 1', version = 2").await;
    let stale = Why::StaleVersion { expected: Some(1), found: Some(2) };
    assert_eq!(
        order.transition(order_status::Ship).execute(&pool).await.expect("an answer"),
        Transition::Conflict { current: OrderStatus::Paid, why: stale },
        "what the guard said of another row does not count"
    );
    let order = Order::load(order_id(17), &pool).await.expect("an answer").expect("a row");
    assert!(matches!(order.transition(order_status::Ship).execute(&pool).await, Ok(Transition::Applied { .. })));
    assert_eq!(
        order.transition(order_status::Ship).execute(&pool).await.expect("an answer"),
        already(OrderStatus::Shipped, Evidence::SameState)
    );
}
