//! A state on every kind of column that people keep states in: bound, compared, read and moved.

use idem_sqlx::entity::{Transition, Versioned as _, Write};
use sqlx::{AssertSqlSafe, Row as _};

use super::common::TestDatabase;
use super::machines::{Lamp, OrderStatus, lamp, order_status};
use super::order::{Order, order_id};
use super::rooms::{Line, Room};
use super::tables::{closed_rooms, tables, tables_with, unpaid_orders};

/// Makes a test of the columns of a database.
macro_rules! columns {
    (
        $feature:literal, $module:ident, $database:ty, $($ignored:meta)?;
        parameters: $parameters:expr; columns: $columns:expr; numbers: $numbers:expr;
    ) => {
        #[cfg(feature = $feature)]
        mod $module {
            use super::*;

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            $(#[$ignored])?
            async fn a_state_is_bound_read_and_moved_on_every_kind_of_column() {
                for (types, column) in $columns {
                    let database = <$database>::empty().await;
                    database.execute(types).await;
                    tables_with(&database, column).await;
                    unpaid_orders(&database, [1]).await;
                    let pool = database.pool(1).await;
                    let [one, two] = $parameters;

                    let insert = format!("INSERT INTO orders (id, tenant, status, version, total) VALUES (2, 'acme', {one}, 1, 0)");
                    sqlx::query(AssertSqlSafe(insert)).bind(OrderStatus::Held).execute(&pool).await.expect(column);
                    let update = format!("UPDATE orders SET status = {one} WHERE status = {two}");
                    let update = sqlx::query(AssertSqlSafe(update)).bind(Some(OrderStatus::Unpaid)).bind(OrderStatus::Held);
                    assert_eq!(update.execute(&pool).await.expect(column).rows_affected(), 1, "{column}");
                    for id in [1, 2] {
                        let order = Order::load(order_id(id), &pool).await.expect(column).expect("a row");
                        assert_eq!(order.status, OrderStatus::Unpaid, "{column}");
                    }
                    // Without a version, an update is guarded by the state.
                    let line = Line { id: 1, article: "a".to_owned(), status: OrderStatus::Held, total: 1 };
                    let line = line.insert_once(&pool).await.expect(column).into_row();
                    let draft = Line { total: 2, ..line.clone() };
                    assert_eq!(line.update_to(&draft, &pool).await.expect(column), Write::Applied(draft), "{column}");
                    let stale = Line { status: OrderStatus::Paid, ..line.clone() };
                    let write = stale.update_to(&Line { total: 3, ..stale.clone() }, &pool).await.expect(column);
                    assert!(matches!(write, Write::Conflict { .. }), "{column}: {write:?}");
                    let paid = Order::fire(order_id(1), order_status::Pay).execute(&pool).await.expect(column);
                    assert!(matches!(paid, Transition::Applied { .. }), "{column}: {paid:?}");
                    let cancel = || Order::fire(order_id(1), order_status::Cancel).key("k").execute(&pool);
                    let cancelled = cancel().await.expect(column);
                    assert!(matches!(cancelled, Transition::Applied { from: OrderStatus::Paid, .. }), "{column}: {cancelled:?}");
                    let retry = cancel().await.expect(column);
                    assert!(matches!(retry, Transition::AlreadyApplied { current: OrderStatus::Cancelled, .. }), "{column}");
                    let reviewed = Order::fire(order_id(2), order_status::Review).execute(&pool).await.expect(column);
                    assert!(matches!(reviewed, Transition::Applied { to: OrderStatus::Paid, .. }), "{column}: {reviewed:?}");
                }
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            $(#[$ignored])?
            async fn a_number_is_read_from_a_column_of_any_width_that_holds_it() {
                for column in $numbers {
                    let database = <$database>::empty().await;
                    tables(&database).await;
                    let drop = format!("ALTER TABLE rooms DROP COLUMN lamp; ALTER TABLE rooms ADD COLUMN lamp {column}");
                    database.execute(&drop).await;
                    closed_rooms(&database, [1]).await;
                    let pool = database.pool(1).await;
                    let [one, two] = $parameters;
                    let update = format!("UPDATE rooms SET lamp = {one} WHERE lamp = {two}");
                    let update = sqlx::query(AssertSqlSafe(update)).bind(Lamp::Dark).bind(Lamp::Dark).execute(&pool).await;
                    assert_eq!(update.expect(column).rows_affected(), 1, "{column}");
                    assert_eq!(Room::load(1, &pool).await.expect(column).expect("a row").lamp, Lamp::Dark, "{column}");
                    let lit = Room::fire(1, lamp::On).key("k").execute(&pool).await.expect(column);
                    assert!(matches!(lit, Transition::Applied { to: Lamp::Bright, .. }), "{column}: {lit:?}");
                }
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            $(#[$ignored])?
            async fn an_unknown_code_is_an_error_that_names_the_known_ones() {
                let database = <$database>::empty().await;
                tables(&database).await;
                unpaid_orders(&database, [1]).await;
                database.execute("UPDATE orders SET status = 'lost'").await;
                let pool = database.pool(1).await;
                let row = sqlx::query("SELECT status FROM orders").fetch_one(&pool).await.expect("a row");
                let error = row.try_get::<OrderStatus, _>(0).expect_err("no such state");
                let known = "`OrderStatus` has no state with the code `lost`; its codes are `unpaid`, `held`, `paid`, `shipped`, `cancelled`";
                assert!(error.to_string().contains(known), "{error}");
                let error = Order::fire(order_id(1), order_status::Pay).execute(&pool).await.expect_err("no such state");
                let cause = std::error::Error::source(&error).expect("a cause");
                assert!(cause.to_string().contains(known), "{cause}");
            }
        }
    };
}

columns! {
    "postgres", postgres, crate::common::postgres::Schema, ignore = "needs a server: cargo xtask test";
    parameters: ["$1", "$2"];
    columns: [
        ("SELECT 1", "TEXT"),
        ("SELECT 1", "VARCHAR(20)"),
        ("SELECT 1", "CHAR(20)"),
        ("SELECT 1", "NAME"),
        ("CREATE TYPE order_status AS ENUM ('unpaid', 'held', 'paid', 'shipped', 'cancelled')", "order_status"),
        ("CREATE DOMAIN status_text AS TEXT CHECK (VALUE <> '')", "status_text"),
    ];
    numbers: ["SMALLINT", "INTEGER", "BIGINT"];
}

columns! {
    "mysql", mysql, crate::common::mysql::Database, ignore = "needs a server: cargo xtask test";
    parameters: ["?", "?"];
    columns: [
        ("SELECT 1", "TEXT"),
        ("SELECT 1", "VARCHAR(20)"),
        ("SELECT 1", "CHAR(20)"),
        ("SELECT 1", "CHAR(20) CHARACTER SET latin1"),
        ("SELECT 1", "VARCHAR(20) COLLATE utf8mb4_bin"),
        ("SELECT 1", "VARBINARY(20)"),
        ("SELECT 1", "BLOB"),
        ("SELECT 1", "ENUM('unpaid', 'held', 'paid', 'shipped', 'cancelled')"),
    ];
    numbers: ["SMALLINT", "MEDIUMINT", "INT", "BIGINT"];
}

columns! {
    "sqlite", sqlite, crate::common::sqlite::Folder, ;
    parameters: ["?1", "?2"];
    columns: [
        ("SELECT 1", "TEXT"),
        ("SELECT 1", "VARCHAR(20)"),
        ("SELECT 1", "TEXT COLLATE NOCASE"),
        ("SELECT 1", "BLOB"),
    ];
    numbers: ["SMALLINT", "INTEGER", "BIGINT"];
}
