//! The tables in MySQL or MariaDB. Keys are compared exactly, whatever the database's collation.

use idem::{InTenant, MySqlStore};
use sqlx::{MySql, MySqlPool};

use crate::Failure;
use crate::order::OrderAddress;
use crate::service::Service;
use crate::story::Entry;

const TABLES: &str = "
    DROP TABLE IF EXISTS idem_example_orders, idem_example_order_transitions;
    DELETE FROM idem_example_records;
    CREATE TABLE idem_example_orders (
        tenant VARCHAR(100) NOT NULL,
        id BIGINT NOT NULL,
        status VARCHAR(20) NOT NULL,
        version BIGINT NOT NULL,
        address VARCHAR(200),
        quantity BIGINT NOT NULL,
        price BIGINT NOT NULL,
        total BIGINT GENERATED ALWAYS AS (quantity * price) STORED,
        created_at DATETIME(6) NOT NULL,
        updated_at DATETIME(6) NOT NULL,
        PRIMARY KEY (tenant, id)
    ) ENGINE = InnoDB;
    CREATE TABLE idem_example_order_transitions (
        number BIGINT AUTO_INCREMENT PRIMARY KEY,
        tenant VARCHAR(100) NOT NULL,
        id BIGINT NOT NULL,
        event VARCHAR(50) NOT NULL,
        from_state VARCHAR(20) NOT NULL,
        to_state VARCHAR(20) NOT NULL,
        version BIGINT NOT NULL,
        `key` VARCHAR(512) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin,
        actor VARCHAR(100),
        reason VARCHAR(200),
        at DATETIME(6) NOT NULL,
        UNIQUE (tenant, id, `key`)
    ) ENGINE = InnoDB;";

/// A service on the database at `url`, begun anew.
pub async fn open(url: &str) -> Result<Service<MySql, MySqlStore>, Failure> {
    let pool = MySqlPool::connect(url).await?;
    let store = MySqlStore::with_table(pool.clone(), "idem_example_records")?;
    store.migrate().await?;
    sqlx::raw_sql(TABLES).execute(&pool).await?;
    Ok(Service::new(pool, store))
}

/// What happened to an order.
pub async fn audit(pool: &MySqlPool, InTenant(tenant, id): OrderAddress) -> Result<Vec<Entry>, Failure> {
    let audit = "SELECT * FROM idem_example_order_transitions WHERE tenant = ? AND id = ? ORDER BY number";
    Ok(sqlx::query_as(audit).bind(tenant).bind(id).fetch_all(pool).await?)
}
