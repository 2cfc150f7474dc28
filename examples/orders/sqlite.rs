//! The tables in SQLite.

use std::path::Path;

use idem::{InTenant, SqliteStore};
use sqlx::{Sqlite, SqlitePool};

use crate::Failure;
use crate::order::OrderAddress;
use crate::service::Service;
use crate::story::Entry;

const TABLES: &str = "
    CREATE TABLE idem_example_orders (
        tenant TEXT NOT NULL,
        id INTEGER NOT NULL,
        status TEXT NOT NULL,
        version INTEGER NOT NULL,
        address TEXT,
        quantity INTEGER NOT NULL,
        price INTEGER NOT NULL,
        total INTEGER NOT NULL GENERATED ALWAYS AS (quantity * price) STORED,
        created_at TEXT NOT NULL,
        updated_at TEXT NOT NULL,
        PRIMARY KEY (tenant, id)
    ) STRICT;
    CREATE TABLE idem_example_order_transitions (
        number INTEGER PRIMARY KEY,
        tenant TEXT NOT NULL,
        id INTEGER NOT NULL,
        event TEXT NOT NULL,
        from_state TEXT NOT NULL,
        to_state TEXT NOT NULL,
        version INTEGER NOT NULL,
        key TEXT,
        actor TEXT,
        reason TEXT,
        at TEXT NOT NULL,
        UNIQUE (tenant, id, key)
    ) STRICT;";

/// A service on a file, which is made if there is none.
pub async fn open(path: &Path) -> Result<Service<Sqlite, SqliteStore>, Failure> {
    let store = SqliteStore::open(path).await?;
    sqlx::raw_sql(TABLES).execute(store.pool()).await?;
    Ok(Service::new(store.pool().clone(), store))
}

/// What happened to an order.
pub async fn audit(pool: &SqlitePool, InTenant(tenant, id): OrderAddress) -> Result<Vec<Entry>, Failure> {
    let audit = "SELECT * FROM idem_example_order_transitions WHERE tenant = ?1 AND id = ?2 ORDER BY number";
    Ok(sqlx::query_as(audit).bind(tenant).bind(id).fetch_all(pool).await?)
}
