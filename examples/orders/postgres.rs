//! The tables in PostgreSQL.

use idem::{InTenant, PgStore};
use sqlx::{PgPool, Postgres};

use crate::Failure;
use crate::order::OrderAddress;
use crate::service::Service;
use crate::story::Entry;

const TABLES: &str = "
    DROP TABLE IF EXISTS idem_example_orders, idem_example_order_transitions;
    DELETE FROM idem_example_records;
    CREATE TABLE idem_example_orders (
        tenant text NOT NULL,
        id bigint NOT NULL,
        status text NOT NULL,
        version bigint NOT NULL,
        address text,
        quantity bigint NOT NULL,
        price bigint NOT NULL,
        total bigint NOT NULL GENERATED ALWAYS AS (quantity * price) STORED,
        created_at timestamptz NOT NULL,
        updated_at timestamptz NOT NULL,
        PRIMARY KEY (tenant, id)
    );
    CREATE TABLE idem_example_order_transitions (
        number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        tenant text NOT NULL,
        id bigint NOT NULL,
        event text NOT NULL,
        from_state text NOT NULL,
        to_state text NOT NULL,
        version bigint NOT NULL,
        key text,
        actor text,
        reason text,
        at timestamptz NOT NULL,
        UNIQUE (tenant, id, key)
    );";

/// A service on the database at `url`, begun anew.
pub async fn open(url: &str) -> Result<Service<Postgres, PgStore>, Failure> {
    let pool = PgPool::connect(url).await?;
    let store = PgStore::with_table(pool.clone(), "idem_example_records")?;
    store.migrate().await?;
    sqlx::raw_sql(TABLES).execute(&pool).await?;
    Ok(Service::new(pool, store))
}

/// What happened to an order.
pub async fn audit(pool: &PgPool, InTenant(tenant, id): OrderAddress) -> Result<Vec<Entry>, Failure> {
    let audit = "SELECT * FROM idem_example_order_transitions WHERE tenant = $1 AND id = $2 ORDER BY number";
    Ok(sqlx::query_as(audit).bind(tenant).bind(id).fetch_all(pool).await?)
}
