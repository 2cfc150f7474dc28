//! What a state column is compared with: a row is moved if its state can be read as one of the sources, and not otherwise.

use idem_sqlx::entity::{Transition, Versioned as _};

use super::common::{TestDatabase, on_each_database};
use super::machines::{OrderStatus, order_status};
use super::order::{EntityDatabase, Order, order_id};
use super::tables::{tables, tables_with, unpaid_orders};

on_each_database! {
    a_state_that_cannot_be_read_is_not_moved_by_a_column_that_thinks_it_equal
    blanks_at_the_end_of_a_code_are_no_part_of_it
    a_version_that_is_null_is_an_error_that_says_what_to_do_and_moves_nothing
}

/// A type whose comparison sees no difference of case.
fn caseless<D: TestDatabase>() -> &'static str {
    match D::NAME {
        "postgres" => "TEXT COLLATE caseless",
        "mysql" => "VARCHAR(20) COLLATE utf8mb4_general_ci",
        _ => "TEXT COLLATE NOCASE",
    }
}

async fn a_state_that_cannot_be_read_is_not_moved_by_a_column_that_thinks_it_equal<D: EntityDatabase>(database: &D) {
    if D::NAME == "postgres" {
        let collation = "CREATE COLLATION caseless (provider = icu, locale = 'und-u-ks-level2', deterministic = false)";
        database.execute(collation).await;
    }
    tables_with(database, caseless::<D>()).await;
    unpaid_orders(database, [1]).await;
    database.execute("UPDATE orders SET status = 'UNPAID'").await;
    assert_eq!(database.number("SELECT count(*) FROM orders WHERE status = 'unpaid'").await, 1);
    let pool = database.pool(1).await;
    for unreadable in [
        Order::fire(order_id(1), order_status::Pay).execute(&pool).await,
        Order::fire(order_id(1), order_status::Abandon).execute(&pool).await,
        Order::fire(order_id(1), order_status::Cancel).key("k").execute(&pool).await,
    ] {
        let error = unreadable.expect_err("no such code");
        assert!(error.is_unreadable() && error.to_string().contains("`orders.status`"), "{error}");
    }
    assert_eq!(database.texts("SELECT status FROM orders").await, ["UNPAID"]);
    database.execute("UPDATE orders SET status = 'unpaid'").await;
    let paid = Order::fire(order_id(1), order_status::Pay).execute(&pool).await.expect("an answer");
    assert!(matches!(paid, Transition::Applied { to: OrderStatus::Paid, .. }), "{paid:?}");
}

async fn blanks_at_the_end_of_a_code_are_no_part_of_it<D: EntityDatabase>(database: &D) {
    tables(database).await;
    unpaid_orders(database, [1]).await;
    database.execute("UPDATE orders SET status = 'unpaid  '").await;
    let pool = database.pool(1).await;
    let order = Order::load(order_id(1), &pool).await.expect("an answer").expect("a row");
    assert_eq!(order.status, OrderStatus::Unpaid);
    let paid = Order::fire(order_id(1), order_status::Pay).execute(&pool).await.expect("an answer");
    assert!(matches!(paid, Transition::Applied { to: OrderStatus::Paid, .. }), "{paid:?}");
}

async fn a_version_that_is_null_is_an_error_that_says_what_to_do_and_moves_nothing<D: EntityDatabase>(database: &D) {
    tables(database).await;
    let any = match D::NAME {
        "postgres" => "ALTER TABLE orders ALTER COLUMN version DROP NOT NULL",
        "mysql" => "ALTER TABLE orders MODIFY version BIGINT",
        _ => "ALTER TABLE orders DROP COLUMN version; ALTER TABLE orders ADD COLUMN version BIGINT",
    };
    database.execute(any).await;
    unpaid_orders(database, [1]).await;
    database.execute("UPDATE orders SET version = NULL").await;
    let pool = database.pool(1).await;
    for failed in [
        Order::fire(order_id(1), order_status::Pay).execute(&pool).await,
        Order::fire(order_id(1), order_status::Abandon).execute(&pool).await,
        Order::fire(order_id(1), order_status::Cancel).key("k").execute(&pool).await,
        Order::fire(order_id(1), order_status::Settle).execute(&pool).await,
    ] {
        let error = failed.expect_err("a row without a version");
        assert!(error.to_string().contains("`orders.version` cannot be read: it is NULL"), "{error}");
        assert!(error.to_string().contains("make the column NOT NULL"), "{error}");
        assert!(!error.is_retryable());
    }
    assert_eq!(database.texts("SELECT status FROM orders").await, ["unpaid"]);
    assert_eq!(database.number("SELECT count(*) FROM order_transitions").await, 0);
}
