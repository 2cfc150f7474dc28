//! Events with several sources or targets, what the audit says of them, and rows without a version.

use idem_core::machine::GuardError;
use idem_sqlx::entity::{Transition, Versioned as _, Why};

use super::common::on_each_database;
use super::levels::Levels;
use super::machines::{OrderStatus, order_status};
use super::order::{EntityDatabase, Order, order_id};
use super::rooms::Line;
use super::tables::{tables, unpaid_orders};

on_each_database! {
    an_event_with_several_sources_tells_which_one_it_left
    guards_choose_between_targets
    the_audit_says_who_moved_what_from_where_and_why
    a_transition_that_is_not_applied_leaves_no_audit_row
    a_row_without_a_version_is_compared_by_its_state
    a_move_that_waited_for_another_leaves_the_state_that_the_other_led_to
    what_is_rolled_back_never_was
}

async fn an_event_with_several_sources_tells_which_one_it_left<D: EntityDatabase>(database: &D) {
    tables(database).await;
    unpaid_orders(database, [1, 2, 3, 4]).await;
    database.execute("UPDATE orders SET status = 'held' WHERE id = 2").await;
    database.execute("UPDATE orders SET status = 'paid' WHERE id = 4").await;
    let pool = database.pool(1).await;
    for (id, state) in [(1, OrderStatus::Unpaid), (2, OrderStatus::Held)] {
        let outcome = Order::fire(order_id(id), order_status::Abandon).execute(&pool).await.expect("an answer");
        let Transition::Applied { from, to, version, .. } = outcome else { panic!("{outcome:?}") };
        assert_eq!((from, to, version), (state, OrderStatus::Cancelled, Some(2)));
    }
    for (id, state) in [(3, OrderStatus::Unpaid), (4, OrderStatus::Paid)] {
        let outcome = Order::fire(order_id(id), order_status::Cancel).execute(&pool).await.expect("an answer");
        let Transition::Applied { from, to, version, .. } = outcome else { panic!("{outcome:?}") };
        assert_eq!((from, to, version), (state, OrderStatus::Cancelled, Some(2)));
    }
}

async fn guards_choose_between_targets<D: EntityDatabase>(database: &D) {
    tables(database).await;
    unpaid_orders(database, [1, 2, 3, 4]).await;
    database.execute("UPDATE orders SET total = 1001 WHERE id IN (2, 4)").await;
    let pool = database.pool(1).await;
    for (id, target) in [(1, OrderStatus::Paid), (2, OrderStatus::Held)] {
        let outcome = Order::fire(order_id(id), order_status::Review).execute(&pool).await.expect("an answer");
        assert_eq!(outcome.applied().expect("applied").to(), target);
    }
    for (id, target) in [(3, OrderStatus::Paid), (4, OrderStatus::Held)] {
        let order = Order::load(order_id(id), &pool).await.expect("an answer").expect("a row");
        let outcome = order.transition(order_status::Settle).key("k").execute(&pool).await.expect("an answer");
        assert_eq!(outcome.applied().expect("applied").to(), target);
    }
    let settled = Order::fire(order_id(4), order_status::Settle).key("second").execute(&pool).await.expect("an answer");
    let Transition::Applied { from, to, .. } = settled else { panic!("{settled:?}") };
    assert_eq!((from, to), (OrderStatus::Held, OrderStatus::Paid));
}

async fn the_audit_says_who_moved_what_from_where_and_why<D: EntityDatabase>(database: &D) {
    tables(database).await;
    unpaid_orders(database, [1, 2]).await;
    database.execute("UPDATE orders SET status = 'paid', version = 7 WHERE id = 2").await;
    let pool = database.pool(1).await;
    let cancel = Order::fire(order_id(1), order_status::Cancel).key(&("cancel", 9)).actor("user:7").reason("no stock");
    let _event = cancel.execute(&pool).await.expect("an answer").applied().expect("applied");
    let mut tx = pool.begin().await.expect("a transaction");
    let cancel = Order::fire(order_id(2), order_status::Cancel).execute(&mut tx).await.expect("an answer");
    let _event = cancel.applied().expect("applied");
    tx.commit().await.expect("a commit");

    let quote = D::QUOTE;
    let rows = database
        .rows(&format!(
            "SELECT tenant, id, event, from_state, to_state, version, {quote}key{quote}, actor, reason \
             FROM order_transitions WHERE at IS NOT NULL ORDER BY id"
        ))
        .await;
    let rows: Vec<Vec<_>> = rows.iter().map(|row| row.iter().map(|value| value.as_deref()).collect()).collect();
    let named = ["acme", "1", "cancel", "unpaid", "cancelled", "2", r#"("cancel",9)"#, "user:7", "no stock"];
    assert_eq!(rows[0], named.map(Some));
    let nameless =
        [Some("acme"), Some("2"), Some("cancel"), Some("paid"), Some("cancelled"), Some("8"), None, None, None];
    assert_eq!(rows[1], nameless);
    assert_eq!(rows.len(), 2);
}

async fn a_transition_that_is_not_applied_leaves_no_audit_row<D: EntityDatabase>(database: &D) {
    tables(database).await;
    unpaid_orders(database, [1]).await;
    database.execute("UPDATE orders SET status = 'shipped'").await;
    let pool = database.pool(1).await;
    for outcome in [
        Order::fire(order_id(1), order_status::Cancel).key("k").execute(&pool).await,
        Order::fire(order_id(1), order_status::Settle).key("k").execute(&pool).await,
        Order::fire(order_id(1), order_status::Cancel).execute(&pool).await,
    ] {
        assert!(matches!(outcome, Ok(Transition::Conflict { .. })), "{outcome:?}");
    }
    assert_eq!(database.number("SELECT count(*) FROM order_transitions").await, 0);
    assert_eq!(database.number("SELECT version FROM orders").await, 1);
}

async fn a_row_without_a_version_is_compared_by_its_state<D: EntityDatabase>(database: &D) {
    tables(database).await;
    let quote = D::QUOTE;
    database
        .execute(&format!("INSERT INTO {quote}lines{quote} VALUES (1, 'a', 'unpaid', 5), (1, 'b', 'unpaid', 5000)"))
        .await;
    let pool = database.pool(1).await;
    let line = Line::load((1, "a".to_owned()), &pool).await.expect("an answer").expect("a row");
    let other = Line::load((1, "b".to_owned()), &pool).await.expect("an answer").expect("a row");

    let held = Line::fire((1, "b".to_owned()), order_status::Review).execute(&pool).await.expect("an answer");
    let Transition::Applied { to: OrderStatus::Held, version: None, event, .. } = held else { panic!("{held:?}") };
    assert_eq!(event.version(), None);
    let release = Line::fire((1, "b".to_owned()), order_status::Release).execute(&pool).await.expect("an answer");
    let guard = GuardError::new("`total < 5000` does not hold");
    assert_eq!(release, Transition::Rejected { guard, current: OrderStatus::Held });
    let stale = other.transition(order_status::Abandon).execute(&pool).await.expect("an answer");
    let why = Why::StaleVersion { expected: None, found: None };
    assert_eq!(stale, Transition::Conflict { current: OrderStatus::Held, why }, "it was loaded unpaid");

    let paid = line.transition(order_status::Pay).execute(&pool).await.expect("an answer");
    assert!(matches!(paid, Transition::Applied { from: OrderStatus::Unpaid, version: None, .. }), "{paid:?}");
    let states = database.texts(&format!("SELECT status FROM {quote}lines{quote} ORDER BY article")).await;
    assert_eq!(states, ["paid", "held"]);
}

async fn a_move_that_waited_for_another_leaves_the_state_that_the_other_led_to<D: Levels>(database: &D) {
    tables(database).await;
    let level = D::LEVELS[0];
    for (id, audited) in [(1, false), (2, true)] {
        unpaid_orders(database, [id]).await;
        let (first, second) = (database.pool_at(level, 1).await, database.pool_at(level, 1).await);
        let mut tx = first.begin().await.expect("a transaction");
        let sql = format!(
            "UPDATE orders SET status = '{}', version = 2 WHERE id = {id}",
            if audited { "paid" } else { "held" }
        );
        D::execute_on(&mut tx, &sql).await.expect("SQL of this test");
        let waiting = tokio::spawn(async move {
            if audited {
                Order::fire(order_id(id), order_status::Cancel).key("k").execute(&second).await
            } else {
                Order::fire(order_id(id), order_status::Abandon).execute(&second).await
            }
        });
        database.blocked().await;
        tx.commit().await.expect("a commit");
        let outcome = waiting.await.expect("no panic").expect("an answer");
        let Transition::Applied { from, version, .. } = outcome else { panic!("{outcome:?}") };
        let left = if audited { OrderStatus::Paid } else { OrderStatus::Held };
        assert_eq!((from, version), (left, Some(3)));
    }
    assert_eq!(database.texts("SELECT from_state FROM order_transitions").await, ["paid"]);
}

async fn what_is_rolled_back_never_was<D: EntityDatabase>(database: &D) {
    tables(database).await;
    unpaid_orders(database, [1]).await;
    let pool = database.pool(1).await;
    let mut tx = pool.begin().await.expect("a transaction");
    let cancel = Order::fire(order_id(1), order_status::Cancel).key("k").execute(&mut tx).await;
    assert!(matches!(cancel, Ok(Transition::Applied { .. })));
    tx.rollback().await.expect("a rollback");
    assert_eq!(database.number("SELECT count(*) FROM order_transitions").await, 0);
    let cancel = Order::fire(order_id(1), order_status::Cancel).key("k").execute(&pool).await;
    assert!(matches!(cancel, Ok(Transition::Applied { .. })), "the key is free again: {cancel:?}");
}
