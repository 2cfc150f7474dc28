//! States in an enum of PostgreSQL, which sqlx has to ask the server about once per connection.

use idem_sqlx::entity::{Transition, Versioned as _};

use super::common::TestDatabase as _;
use super::common::postgres::Schema;
use super::machines::{OrderStatus, order_status};
use super::order::{Order, order_id};
use super::tables::{tables_with, unpaid_orders};

const ENUM: &str = "CREATE TYPE order_status AS ENUM ('unpaid', 'held', 'paid', 'shipped', 'cancelled')";

/// Its statements have no name there, and what sqlx asks in between would be the end of them.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs a server: cargo xtask test"]
async fn the_first_statement_of_a_connection_may_be_in_a_transaction() {
    let database = Schema::empty().await;
    database.execute(ENUM).await;
    tables_with(&database, "order_status").await;
    database
        .execute("ALTER TABLE order_transitions ALTER from_state TYPE order_status USING from_state::order_status")
        .await;
    database
        .execute("ALTER TABLE order_transitions ALTER to_state TYPE order_status USING to_state::order_status")
        .await;
    unpaid_orders(&database, 1..4).await;
    for options in [database.connect_options(), database.connect_options().statement_cache_capacity(0)] {
        let pool = Schema::pool_with(1, options.clone()).await;
        let mut tx = pool.begin().await.expect("a transaction");
        let order = Order::load(order_id(1), &mut tx).await.expect("an answer").expect("a row");
        assert_eq!(order.status, OrderStatus::Unpaid);
        drop(tx);
        pool.close().await;

        let pool = Schema::pool_with(1, options.clone()).await;
        let mut tx = pool.begin().await.expect("a transaction");
        let lost = Order::fire(order_id(1), order_status::Release).execute(&mut tx).await.expect("an answer");
        assert!(matches!(lost, Transition::Conflict { current: OrderStatus::Unpaid, .. }), "{lost:?}");
        drop(tx);
        pool.close().await;

        let pool = Schema::pool_with(1, options).await;
        let mut tx = pool.begin().await.expect("a transaction");
        let cancelled =
            Order::fire(order_id(2), order_status::Cancel).key("k").execute(&mut tx).await.expect("an answer");
        assert!(matches!(cancelled, Transition::Applied { from: OrderStatus::Unpaid, .. }), "{cancelled:?}");
        let again = Order::fire(order_id(2), order_status::Cancel).key("k").execute(&mut tx).await.expect("an answer");
        assert!(matches!(again, Transition::AlreadyApplied { .. }), "{again:?}");
        let abandoned = Order::fire(order_id(3), order_status::Abandon).execute(&mut tx).await.expect("an answer");
        assert!(matches!(abandoned, Transition::Applied { from: OrderStatus::Unpaid, .. }), "{abandoned:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs a server: cargo xtask test"]
async fn a_domain_over_an_enum_is_moved_too() {
    let database = Schema::empty().await;
    database.execute(&format!("{ENUM}; CREATE DOMAIN status AS order_status CHECK (VALUE <> 'shipped')")).await;
    tables_with(&database, "status").await;
    unpaid_orders(&database, 1..3).await;
    let pool = database.pool(1).await;
    let paid = Order::fire(order_id(1), order_status::Pay).execute(&pool).await.expect("an answer");
    assert!(matches!(paid, Transition::Applied { to: OrderStatus::Paid, .. }), "{paid:?}");
    let reviewed = Order::fire(order_id(2), order_status::Review).execute(&pool).await.expect("an answer");
    assert!(matches!(reviewed, Transition::Applied { to: OrderStatus::Paid, .. }), "{reviewed:?}");
}
