//! What a transition answers when it did not move the row: the table that tells a retry from an illegal move, row by row.

use std::sync::atomic::{AtomicU32, Ordering};

use idem_sqlx::entity::{EntityError, Evidence, InTenant, Transition, Versioned as _, Why};
use idem_sqlx::in_transaction;
use sqlx::Pool;

use super::common::{become_readers, on_each_database};
use super::machines::{OrderStatus, OrderStatusEvent, order_status};
use super::order::{EntityDatabase, Order, order_id};
use super::tables::{tables, unpaid_orders};

on_each_database! {
    a_transition_moves_the_row
    a_row_that_is_missing_deleted_or_of_another_tenant_is_not_found
    a_key_that_is_known_is_a_retry_wherever_the_row_is_now
    a_key_of_an_event_that_led_elsewhere_is_an_error
    a_key_that_is_unknown_in_the_target_state_is_a_conflict
    the_target_state_alone_is_a_retry_where_no_key_is_tracked
    another_version_is_a_conflict
    what_nothing_stands_against_is_tried_again_and_then_an_error_that_may_be_retried
    a_state_beyond_the_target_is_a_retry_unless_strict
    a_state_that_the_event_does_not_leave_is_a_conflict_that_lists_the_legal_events
    outcomes_become_errors_that_say_what_they_were
    a_transition_on_a_session_that_takes_no_writes_any_more_works_when_it_is_repeated
}

/// One unpaid order, and a pool.
pub(crate) async fn unpaid<D: EntityDatabase>(database: &D) -> Pool<D::Sqlx> {
    tables(database).await;
    unpaid_orders(database, [17]).await;
    database.pool(1).await
}

pub(crate) async fn set<D: EntityDatabase>(database: &D, change: &str) {
    database.execute(&format!("UPDATE orders SET {change} WHERE id = 17")).await;
}

pub(crate) const fn already(current: OrderStatus, evidence: Evidence) -> Transition<OrderStatus> {
    Transition::AlreadyApplied { current, evidence }
}

async fn a_transition_moves_the_row<D: EntityDatabase>(database: &D) {
    let pool = unpaid(database).await;
    let first = Order::fire(order_id(17), order_status::Pay).execute(&pool).await.expect("an answer");
    let Transition::Applied { from, to, version, event } = first else { panic!("{first:?}") };
    assert_eq!((from, to, version), (OrderStatus::Unpaid, OrderStatus::Paid, Some(2)));
    let told = (event.event(), event.from(), event.to(), event.version());
    assert_eq!(told, (OrderStatusEvent::Pay, from, to, version));

    let order = Order::load(order_id(17), &pool).await.expect("an answer").expect("a row");
    assert_eq!((order.status, order.version, order.total), (OrderStatus::Paid, 2, 500));
    assert_eq!(database.number("SELECT count(*) FROM orders WHERE updated_at IS NOT NULL").await, 1);
}

async fn a_row_that_is_missing_deleted_or_of_another_tenant_is_not_found<D: EntityDatabase>(database: &D) {
    let pool = unpaid(database).await;
    unpaid_orders(database, [18]).await;
    database.execute("UPDATE orders SET deleted_at = '2026-01-01T00:00:00' WHERE id = 18").await;
    let foreign = InTenant("ajax".to_owned(), 17);
    for address in [order_id(19), order_id(18), foreign] {
        for outcome in [
            Order::fire(address.clone(), order_status::Pay).execute(&pool).await,
            Order::fire(address.clone(), order_status::Cancel).key("k").execute(&pool).await,
            Order::fire(address.clone(), order_status::Review).execute(&pool).await,
        ] {
            assert_eq!(outcome.expect("an answer"), Transition::NotFound, "{address:?}");
        }
    }
    assert_eq!(database.texts("SELECT DISTINCT status FROM orders").await, ["unpaid"]);
    assert_eq!(database.number("SELECT count(*) FROM order_transitions").await, 0);
}

async fn a_key_that_is_known_is_a_retry_wherever_the_row_is_now<D: EntityDatabase>(database: &D) {
    let pool = unpaid(database).await;
    let settle = || Order::fire(order_id(17), order_status::Settle).key(&("payment", 4)).execute(&pool);
    assert!(matches!(settle().await, Ok(Transition::Applied { .. })));
    assert_eq!(settle().await.expect("an answer"), already(OrderStatus::Paid, Evidence::SameKey));
    set(database, "status = 'shipped'").await;
    assert_eq!(settle().await.expect("an answer"), already(OrderStatus::Shipped, Evidence::SameKey));
    set(database, "status = 'unpaid'").await;
    assert_eq!(settle().await.expect("an answer"), already(OrderStatus::Unpaid, Evidence::SameKey));
    assert_eq!(database.number("SELECT count(*) FROM order_transitions").await, 1);
}

async fn a_key_of_an_event_that_led_elsewhere_is_an_error<D: EntityDatabase>(database: &D) {
    let pool = unpaid(database).await;
    let settle = Order::fire(order_id(17), order_status::Settle).key("k").execute(&pool).await;
    assert!(matches!(settle, Ok(Transition::Applied { .. })));
    let error = Order::fire(order_id(17), order_status::Cancel).key("k").execute(&pool).await.expect_err("reused");
    assert!(error.is_key_reused() && !error.is_retryable());
    assert_eq!(
        error.to_string(),
        "the key \"k\" is that of `settle` already, which led elsewhere; two events need two keys"
    );
    assert_eq!(database.texts("SELECT status FROM orders").await, ["paid"]);
}

async fn a_key_that_is_unknown_in_the_target_state_is_a_conflict<D: EntityDatabase>(database: &D) {
    let pool = unpaid(database).await;
    let cancel = |key: &'static str| Order::fire(order_id(17), order_status::Cancel).key(key).execute(&pool);
    assert!(matches!(cancel("first").await, Ok(Transition::Applied { .. })));
    let other = Transition::Conflict { current: OrderStatus::Cancelled, why: Why::AppliedByOther };
    assert_eq!(cancel("second").await.expect("an answer"), other);
    assert_eq!(cancel("First").await.expect("an answer"), other, "keys are compared exactly");
}

async fn the_target_state_alone_is_a_retry_where_no_key_is_tracked<D: EntityDatabase>(database: &D) {
    let pool = unpaid(database).await;
    let pay = || Order::fire(order_id(17), order_status::Pay).execute(&pool);
    assert!(matches!(pay().await, Ok(Transition::Applied { .. })));
    assert_eq!(pay().await.expect("an answer"), already(OrderStatus::Paid, Evidence::SameState));
    let cancel = || Order::fire(order_id(17), order_status::Cancel).execute(&pool);
    assert!(matches!(cancel().await, Ok(Transition::Applied { .. })));
    assert_eq!(cancel().await.expect("an answer"), already(OrderStatus::Cancelled, Evidence::SameState));
}

async fn another_version_is_a_conflict<D: EntityDatabase>(database: &D) {
    let pool = unpaid(database).await;
    let stale = |expected| Transition::Conflict {
        current: OrderStatus::Unpaid,
        why: Why::StaleVersion { expected: Some(expected), found: Some(2) },
    };
    let loaded = Order::load(order_id(17), &pool).await.expect("an answer").expect("a row");
    set(database, "version = 2").await;
    assert_eq!(
        Order::fire(order_id(17), order_status::Pay).version(7).execute(&pool).await.expect("an answer"),
        stale(7)
    );
    assert_eq!(
        Order::fire(order_id(17), order_status::Review).version(7).execute(&pool).await.expect("an answer"),
        stale(7)
    );
    assert_eq!(
        Order::fire(order_id(17), order_status::Cancel).version(7).execute(&pool).await.expect("an answer"),
        stale(7)
    );
    assert_eq!(loaded.transition(order_status::Pay).execute(&pool).await.expect("an answer"), stale(1));
    assert_eq!(loaded.transition(order_status::Abandon).execute(&pool).await.expect("an answer"), stale(1));
    let fresh = Order::fire(order_id(17), order_status::Pay).version(2).execute(&pool).await;
    assert!(matches!(fresh, Ok(Transition::Applied { version: Some(3), .. })), "{fresh:?}");
}

/// A constraint of the audit's that knows nothing of keys is in the way.
async fn what_nothing_stands_against_is_tried_again_and_then_an_error_that_may_be_retried<D: EntityDatabase>(
    database: &D,
) {
    let pool = unpaid(database).await;
    unpaid_orders(database, [18]).await;
    database.execute("CREATE UNIQUE INDEX one_reason ON order_transitions (reason)").await;
    let cancel = |id| Order::fire(order_id(id), order_status::Cancel).reason("fraud");
    assert!(matches!(cancel(18).execute(&pool).await, Ok(Transition::Applied { .. })));
    let error = cancel(17).execute(&pool).await.expect_err("raced");
    assert!(error.is_retryable(), "{error:?}");

    let attempts = AtomicU32::new(0);
    let cancelled = in_transaction(&pool, async |mut tx| {
        if attempts.fetch_add(1, Ordering::SeqCst) == 1 {
            D::execute_on(&mut tx, "DELETE FROM order_transitions").await?;
        }
        cancel(17).execute(&mut tx).await?.applied()
    });
    assert_eq!(cancelled.await.expect("the second attempt").to(), OrderStatus::Cancelled);
    assert_eq!(attempts.into_inner(), 2);
}

async fn a_state_beyond_the_target_is_a_retry_unless_strict<D: EntityDatabase>(database: &D) {
    let pool = unpaid(database).await;
    set(database, "status = 'shipped'").await;
    let pay = || Order::fire(order_id(17), order_status::Pay);
    assert_eq!(pay().execute(&pool).await.expect("an answer"), already(OrderStatus::Shipped, Evidence::PassedThrough));
    let illegal = Transition::Conflict { current: OrderStatus::Shipped, why: Why::Illegal { legal: &[] } };
    assert_eq!(pay().strict().execute(&pool).await.expect("an answer"), illegal);
    let settle = Order::fire(order_id(17), order_status::Settle).key("k").execute(&pool).await;
    assert_eq!(settle.expect("an answer"), illegal, "where keys are tracked, only they tell");
}

async fn a_state_that_the_event_does_not_leave_is_a_conflict_that_lists_the_legal_events<D: EntityDatabase>(
    database: &D,
) {
    let pool = unpaid(database).await;
    set(database, "status = 'held'").await;
    let legal = &[OrderStatusEvent::Release, OrderStatusEvent::Abandon, OrderStatusEvent::Settle];
    let illegal = Transition::Conflict { current: OrderStatus::Held, why: Why::Illegal { legal } };
    assert_eq!(Order::fire(order_id(17), order_status::Pay).execute(&pool).await.expect("an answer"), illegal);
    assert_eq!(
        Order::fire(order_id(17), order_status::Cancel).key("k").execute(&pool).await.expect("an answer"),
        illegal
    );
    let order = Order::load(order_id(17), &pool).await.expect("an answer").expect("a row");
    assert_eq!(order.transition(order_status::Ship).execute(&pool).await.expect("an answer"), illegal);
}

async fn outcomes_become_errors_that_say_what_they_were<D: EntityDatabase>(database: &D) {
    let pool = unpaid(database).await;
    let pay = || Order::fire(order_id(17), order_status::Pay).execute(&pool);
    assert_eq!(pay().await.and_then(Transition::accepted).expect("applied"), OrderStatus::Paid);
    assert_eq!(pay().await.and_then(Transition::accepted).expect("a retry"), OrderStatus::Paid);
    let error = pay().await.and_then(Transition::applied).expect_err("only the winner publishes");
    assert!(error.is_already_applied());

    set(database, "status = 'held', total = 9000").await;
    let accepted = |outcome: Result<Transition<OrderStatus>, EntityError>| outcome.and_then(Transition::accepted);
    let error = accepted(pay().await).expect_err("illegal");
    assert!(error.is_conflict());
    assert_eq!(
        error.to_string(),
        "`OrderStatus` is `Held`: the event cannot fire there; legal: `release`, `abandon`, `settle`"
    );
    let release = Order::fire(order_id(17), order_status::Release).execute(&pool).await;
    assert!(accepted(release).expect_err("rejected").is_rejected());
    assert!(
        accepted(Order::fire(order_id(404), order_status::Pay).execute(&pool).await)
            .expect_err("missing")
            .is_not_found()
    );
}

async fn a_transition_on_a_session_that_takes_no_writes_any_more_works_when_it_is_repeated<D: EntityDatabase>(
    database: &D,
) {
    let pool = unpaid(database).await;
    become_readers::<D>(&pool).await;
    let pay = || Order::fire(order_id(17), order_status::Pay).execute(&pool);
    let paid = match pay().await {
        // Where SQLite begins a transaction it says so there, and then another session is taken at once.
        Ok(paid) => {
            assert_eq!(D::NAME, "sqlite", "a reader");
            paid
        }
        Err(error) => {
            assert!(error.is_retryable(), "{error:?}");
            pay().await.expect("another session")
        }
    };
    assert!(matches!(paid, Transition::Applied { .. }), "{paid:?}");
}
