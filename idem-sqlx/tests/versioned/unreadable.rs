//! Rows that do not fit the struct, as during a deploy: the error says which column of which table cannot be read, and why.

use idem_sqlx::entity::{EntityError, StoredIn, Versioned as _};

use crate::samples::Order;
use crate::{EntityTest, common, with_order};

common::on_each_database! {
    a_value_that_cannot_be_read_is_named_with_its_column_and_its_table
    a_null_that_cannot_be_read_is_named_with_what_to_do
}

fn is_named(error: &EntityError, column: &str) {
    let text = error.to_string();
    assert!(text.starts_with(&format!("`orders.{column}` cannot be read: ")), "{text}");
    assert!(error.is_unreadable() && !error.is_retryable() && !error.is_conflict(), "{error:?}");
    assert!(std::error::Error::source(error).is_some());
}

async fn a_value_that_cannot_be_read_is_named_with_its_column_and_its_table<D: EntityTest>(database: &D)
where
    Order: StoredIn<D::Sqlx>,
{
    let (pool, order) = with_order(database).await;
    let sql = match D::NAME {
        "postgres" => "ALTER TABLE orders ALTER COLUMN seen TYPE TEXT",
        "mysql" => "ALTER TABLE orders MODIFY seen VARCHAR(20)",
        _ => "UPDATE orders SET seen = 'many'",
    };
    database.execute(sql).await;
    // New connections, since a statement of PostgreSQL keeps the types that it was prepared with.
    pool.close().await;
    let pool = database.pool(1).await;
    is_named(&Order::load(order.address(), &pool).await.expect_err("not a number"), "seen");
    let stale = Order { version: 7, ..order.clone() };
    is_named(&stale.delete(&pool).await.expect_err("not a number"), "seen");
    is_named(&order.insert_once(&pool).await.expect_err("not a number"), "seen");
}

async fn a_null_that_cannot_be_read_is_named_with_what_to_do<D: EntityTest>(database: &D)
where
    Order: StoredIn<D::Sqlx>,
{
    let (pool, order) = with_order(database).await;
    let sql = match D::NAME {
        "postgres" => "ALTER TABLE orders ALTER COLUMN version DROP NOT NULL",
        "mysql" => "ALTER TABLE orders MODIFY version BIGINT",
        _ => "ALTER TABLE orders DROP COLUMN version; ALTER TABLE orders ADD COLUMN version BIGINT",
    };
    database.execute(sql).await;
    database.execute("UPDATE orders SET version = NULL").await;
    let error = Order::load(order.address(), &pool).await.expect_err("no version");
    is_named(&error, "version");
    assert!(error.to_string().ends_with("make the column NOT NULL"), "{error}");
    for written in [order.update_to(&order.of(2), &pool).await, order.apply_newer(&pool).await] {
        is_named(&written.expect_err("no version"), "version");
    }
    is_named(&order.delete(&pool).await.expect_err("no version"), "version");
}
