//! Tables with triggers: what a transition tells is what stands in the row after them.

use idem_sqlx::entity::{Transition, Versioned as _};

use super::common::{TestDatabase, on_each_database};
use super::machines::{OrderStatus, door, order_status};
use super::order::{EntityDatabase, Order, order_id};
use super::rooms::{Line, Room};
use super::tables::{closed_rooms, tables, unpaid_orders};

on_each_database! {
    a_trigger_that_only_looks_leaves_the_version_that_is_told
    a_trigger_that_counts_too_is_in_the_version_that_is_told
    a_trigger_that_moves_the_row_on_is_in_the_state_that_is_told
    a_trigger_that_is_new_is_noticed
}

/// Runs `then` for each row of a table that is updated, in the words of the database, after the update or where it can still
/// change the row.
async fn on_update<D: TestDatabase>(database: &D, table: &str, then: &str) {
    let sql = match D::NAME {
        "postgres" => format!(
            "CREATE FUNCTION then_{table}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {then}; RETURN NULL; END $$;
             CREATE TRIGGER then_{table} AFTER UPDATE ON {table} FOR EACH ROW WHEN (pg_trigger_depth() = 0)
             EXECUTE FUNCTION then_{table}()"
        ),
        "mysql" => format!("CREATE TRIGGER then_{table} BEFORE UPDATE ON {table} FOR EACH ROW {then}"),
        _ => format!("CREATE TRIGGER then_{table} AFTER UPDATE ON {table} BEGIN {then}; END"),
    };
    database.execute(&sql).await;
}

/// Counts ten more in the row that is updated.
async fn count_ten_more<D: TestDatabase>(database: &D, table: &str) {
    let then = match D::NAME {
        "mysql" => "SET NEW.version = NEW.version + 10".to_owned(),
        _ => format!("UPDATE {table} SET version = version + 10 WHERE id = NEW.id"),
    };
    on_update(database, table, &then).await;
}

async fn a_trigger_that_only_looks_leaves_the_version_that_is_told<D: EntityDatabase>(database: &D) {
    tables(database).await;
    database.execute("CREATE TABLE seen (id BIGINT NOT NULL)").await;
    on_update(database, "orders", "INSERT INTO seen VALUES (NEW.id)").await;
    on_update(database, "rooms", "INSERT INTO seen VALUES (NEW.id)").await;
    unpaid_orders(database, 1..5).await;
    closed_rooms(database, [1]).await;
    let pool = database.pool(1).await;
    for id in [1, 2] {
        let paid = Order::fire(order_id(id), order_status::Pay).execute(&pool).await.expect("an answer");
        assert!(matches!(paid, Transition::Applied { version: Some(2), .. }), "{paid:?}");
    }
    let mut tx = pool.begin().await.expect("a transaction");
    let paid = Order::fire(order_id(3), order_status::Pay).execute(&mut tx).await.expect("an answer");
    assert!(matches!(paid, Transition::Applied { version: Some(2), .. }), "{paid:?}");
    let abandoned = Order::fire(order_id(4), order_status::Abandon).execute(&mut tx).await.expect("an answer");
    assert!(
        matches!(abandoned, Transition::Applied { from: OrderStatus::Unpaid, version: Some(2), .. }),
        "{abandoned:?}"
    );
    tx.commit().await.expect("a commit");
    let opened = Room::fire(1, door::Open).key("k").execute(&pool).await.expect("an answer");
    assert!(matches!(opened, Transition::Applied { version: Some(2), .. }), "{opened:?}");
    assert_eq!(database.number("SELECT count(*) FROM seen").await, 5);
}

async fn a_trigger_that_counts_too_is_in_the_version_that_is_told<D: EntityDatabase>(database: &D) {
    tables(database).await;
    count_ten_more(database, "rooms").await;
    closed_rooms(database, [1, 2]).await;
    let pool = database.pool(1).await;
    for room in [1, 2] {
        let swung = Room::fire(room, door::Swing).version(1).execute(&pool).await.expect("an answer");
        assert!(matches!(swung, Transition::Applied { version: Some(12), .. }), "{swung:?}");
    }
    let closed = Room::fire(1, door::Close).key("k").execute(&pool).await.expect("an answer");
    let Transition::Applied { version: Some(version), .. } = closed else { panic!("{closed:?}") };
    let swung = Room::fire(1, door::Swing).version(version).execute(&pool).await.expect("an answer");
    assert!(matches!(swung, Transition::Applied { version: Some(34), .. }), "no false conflict: {swung:?}");
    let room = Room::load(1, &pool).await.expect("an answer").expect("a row");
    assert_eq!(room.version, 34);
}

async fn a_trigger_that_moves_the_row_on_is_in_the_state_that_is_told<D: EntityDatabase>(database: &D) {
    tables(database).await;
    let then = match D::NAME {
        "mysql" => "SET NEW.status = IF(NEW.status = 'paid' AND NEW.total >= 500, 'held', NEW.status)",
        _ => "UPDATE orders SET status = 'held' WHERE id = NEW.id AND status = 'paid' AND total >= 500",
    };
    on_update(database, "orders", then).await;
    unpaid_orders(database, [1]).await;
    let pool = database.pool(1).await;
    let paid = Order::fire(order_id(1), order_status::Pay).execute(&pool).await.expect("an answer");
    let Transition::Applied { from, to, event, .. } = paid else { panic!("{paid:?}") };
    assert_eq!((from, to, event.to()), (OrderStatus::Unpaid, OrderStatus::Held, OrderStatus::Held));
}

/// By a tool that changes a schema while the service runs.
async fn a_trigger_that_is_new_is_noticed<D: EntityDatabase>(database: &D) {
    tables(database).await;
    unpaid_orders(database, 1..5).await;
    let pool = database.pool(1).await;
    let pay = async |id| Order::fire(order_id(id), order_status::Pay).execute(&pool).await.expect("an answer");
    assert!(matches!(pay(1).await, Transition::Applied { version: Some(2), .. }));
    count_ten_more(database, "orders").await;
    // It stood alone, so that by now somebody else may have written: it tells what it has written itself.
    let paid = pay(2).await;
    assert!(matches!(paid, Transition::Applied { version: Some(2), .. }), "{paid:?}");
    let paid = pay(3).await;
    assert!(matches!(paid, Transition::Applied { version: Some(12), .. }), "{paid:?}");
    database
        .execute(if D::NAME == "postgres" { "DROP TRIGGER then_orders ON orders" } else { "DROP TRIGGER then_orders" })
        .await;
    let paid = pay(4).await;
    assert!(matches!(paid, Transition::Applied { version: Some(2), .. }), "{paid:?}");
    // It has no version, and is not read by one.
    database
        .execute(
            "INSERT INTO {}lines{} (id, article, status, total) VALUES (1, 'a', 'unpaid', 1)"
                .replace("{}", D::QUOTE)
                .as_str(),
        )
        .await;
    let line = Line::fire((1, "a".to_owned()), order_status::Pay).execute(&pool).await.expect("an answer");
    assert!(matches!(line, Transition::Applied { version: None, .. }), "{line:?}");
}
