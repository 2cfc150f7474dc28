//! Transitions in the body of an idempotent operation: a retry of the one is a retry of the other.

use idem_core::{MemoryStore, Operation};
use idem_sqlx::entity::{EntityError, Evidence, Transition, Versioned as _};
use idem_sqlx::in_transaction;

use super::common::on_each_database;
use super::machines::{Door, OrderStatus, door, order_status};
use super::order::{EntityDatabase, Order, order_id};
use super::rooms::Room;
use super::tables::{closed_rooms, tables, unpaid_orders};

on_each_database! {
    an_audited_event_takes_the_key_of_the_operation_that_is_running
    a_body_that_runs_again_finds_its_own_transition
    an_event_that_is_fenced_by_key_is_fenced_by_that_of_its_operation
    outside_an_operation_there_is_no_key_of_one
    a_key_of_an_operation_meets_no_key_that_was_given
}

type Failure = Box<dyn std::error::Error + Send + Sync>;

async fn an_audited_event_takes_the_key_of_the_operation_that_is_running<D: EntityDatabase>(database: &D) {
    tables(database).await;
    unpaid_orders(database, [1, 2, 3]).await;
    let (pool, store) = (database.pool(1).await, database.store().await);
    D::migrate(&store).await.expect("a table");
    let checkout = in_transaction(&pool, async |mut tx| {
        let checkout = Operation::new("orders.checkout", &("acme", 1));
        let done = checkout.run_in(&store, &mut *tx, async |mut tx, _| {
            let settled = Order::fire(order_id(1), order_status::Settle).execute(&mut *tx).await?.applied()?;
            let cancelled = Order::fire(order_id(1), order_status::Cancel).execute(&mut *tx).await?.applied()?;
            let other =
                Order::fire(order_id(2), order_status::Cancel).key("mine").execute(&mut *tx).await?.applied()?;
            Ok::<_, Failure>((
                settled.from() == OrderStatus::Unpaid,
                cancelled.from() == OrderStatus::Paid,
                other.to() == OrderStatus::Cancelled,
            ))
        });
        done.await
    });
    assert_eq!(checkout.await.expect("an answer").into_inner(), (true, true, true));
    let _event = Order::fire(order_id(3), order_status::Cancel)
        .execute(&pool)
        .await
        .expect("an answer")
        .applied()
        .expect("applied");

    let quote = D::QUOTE;
    let keys = database.rows(&format!("SELECT {quote}key{quote} FROM order_transitions ORDER BY id, version")).await;
    let keys: Vec<_> = keys.iter().map(|row| row[0].as_deref()).collect();
    let of_operation = [r#"@settle orders.checkout ("acme",1)"#, r#"@cancel orders.checkout ("acme",1)"#];
    assert_eq!(keys, [Some(of_operation[0]), Some(of_operation[1]), Some(r#""mine""#), None]);
}

/// The first attempt loses its outcome: the body runs again, as after a crash.
async fn a_body_that_runs_again_finds_its_own_transition<D: EntityDatabase>(database: &D) {
    tables(database).await;
    unpaid_orders(database, [1]).await;
    let pool = database.pool(1).await;
    let attempt = async |store: MemoryStore| {
        let cancel = Operation::new("orders.cancel", &1).run(&store, async |_| {
            Order::fire(order_id(1), order_status::Cancel)
                .execute(&pool)
                .await
                .map(|outcome| outcome.is_retry())
                .map_err(Failure::from)
        });
        cancel.await.expect("an answer").into_inner()
    };
    assert!(!attempt(MemoryStore::new()).await);
    assert!(attempt(MemoryStore::new()).await);
}

trait IsRetry {
    fn is_retry(&self) -> bool;
}

impl IsRetry for Transition<OrderStatus> {
    fn is_retry(&self) -> bool {
        *self == Self::AlreadyApplied { current: OrderStatus::Cancelled, evidence: Evidence::SameKey }
    }
}

async fn an_event_that_is_fenced_by_key_is_fenced_by_that_of_its_operation<D: EntityDatabase>(database: &D) {
    tables(database).await;
    closed_rooms(database, [1]).await;
    let pool = database.pool(1).await;
    let open = async || {
        let open = Operation::new("rooms.open", &1).run(&MemoryStore::new(), async |_| {
            let opened = Room::fire(1, door::Open).key_of_operation().execute(&pool).await?;
            Ok::<_, Failure>(matches!(opened, Transition::Applied { .. }))
        });
        open.await.expect("an answer").into_inner()
    };
    assert!(open().await);
    let _event =
        Room::fire(1, door::Close).key("k").execute(&pool).await.expect("an answer").applied().expect("applied");
    assert!(!open().await, "a late retry does not go round again");
    assert_eq!(Room::load(1, &pool).await.expect("an answer").expect("a row").door, Door::Closed);
}

async fn outside_an_operation_there_is_no_key_of_one<D: EntityDatabase>(database: &D) {
    tables(database).await;
    closed_rooms(database, [1]).await;
    let pool = database.pool(1).await;
    let error: EntityError =
        Room::fire(1, door::Open).key_of_operation().execute(&pool).await.expect_err("no operation is running");
    assert!(error.to_string().contains("give `.key(…)`"), "{error}");
    let error = Room::fire(1, door::Open).key("").execute(&pool).await.expect_err("no key");
    let cause = std::error::Error::source(&error).expect("a cause");
    assert!(cause.is::<idem_core::Error>(), "{error:?}");
    assert_eq!(database.number("SELECT version FROM rooms").await, 1);
}

async fn a_key_of_an_operation_meets_no_key_that_was_given<D: EntityDatabase>(database: &D) {
    tables(database).await;
    unpaid_orders(database, [1]).await;
    let pool = database.pool(1).await;
    // What the key of the operation below is written as.
    let given = "@cancel orders.cancel 1";
    let cancel = Order::fire(order_id(1), order_status::Cancel).key(given).execute(&pool).await.expect("an answer");
    let _event = cancel.applied().expect("applied");
    let retry = Operation::new("orders.cancel", &1).run(&MemoryStore::new(), async |_| {
        let outcome = Order::fire(order_id(1), order_status::Cancel).execute(&pool).await?;
        Ok::<_, Failure>(outcome.is_retry())
    });
    assert!(!retry.await.expect("an answer").into_inner());
}
