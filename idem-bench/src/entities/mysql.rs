//! By hand on MariaDB, or MySQL, whose updates return nothing.

use std::path::Path;

use sqlx::mysql::{MySqlConnectOptions, MySqlPoolOptions};
use sqlx::{AssertSqlSafe, ConnectOptions as _, MySql, MySqlConnection, MySqlPool, MySqlTransaction, Row as _};

use super::by_hand::{ByHand, looking};
use super::{Order, OrderStatus};
use crate::by_hand::BoxError;

const TABLES: &str = "
    CREATE TABLE orders_idem (id BIGINT PRIMARY KEY, status VARCHAR(20) NOT NULL, version BIGINT NOT NULL, address VARCHAR(200),
        quantity BIGINT NOT NULL, created_at DATETIME(6) NOT NULL, updated_at DATETIME(6) NOT NULL) ENGINE = InnoDB;
    CREATE TABLE orders_hand LIKE orders_idem;
    CREATE TABLE transitions_idem (id BIGINT NOT NULL, event VARCHAR(50) NOT NULL, from_state VARCHAR(20) NOT NULL,
        to_state VARCHAR(20) NOT NULL, version BIGINT NOT NULL, `key` VARCHAR(512) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin,
        actor VARCHAR(100), reason VARCHAR(200), at DATETIME(6) NOT NULL, UNIQUE (id, `key`)) ENGINE = InnoDB;
    CREATE TABLE transitions_hand LIKE transitions_idem;";

impl ByHand for MySql {
    const NAME: &str = "MariaDB";

    async fn open(_: &Path, url: &str) -> Result<MySqlPool, BoxError> {
        let name = format!("bench_{:016x}", rand::random::<u64>());
        let options = url.parse::<MySqlConnectOptions>()?;
        let create = AssertSqlSafe(format!("CREATE DATABASE {name}"));
        sqlx::raw_sql(create).execute(&mut options.connect().await?).await?;
        let pool = MySqlPoolOptions::new().test_before_acquire(false).connect_with(options.database(&name)).await?;
        sqlx::raw_sql(TABLES).execute(&pool).await?;
        Ok(pool)
    }

    async fn transaction(pool: &MySqlPool) -> Result<MySqlTransaction<'static>, BoxError> {
        Ok(pool.begin().await?)
    }

    async fn fire(on: &mut MySqlConnection, sql: &'static str, id: i64) -> Result<Option<i64>, BoxError> {
        let done = sqlx::query(sql).bind(id).execute(on).await?;
        Ok((done.rows_affected() > 0).then(|| done.last_insert_id().cast_signed()))
    }

    async fn record(on: &mut MySqlConnection, sql: &'static str, key: &str, id: i64) -> Result<bool, BoxError> {
        let record = sqlx::query(sql).bind(key).bind(None::<&str>).bind(None::<&str>).bind(id);
        Ok(record.execute(on).await?.rows_affected() > 0)
    }

    async fn write(
        pool: &MySqlPool,
        statements: &[&'static str],
        row: &Order,
        draft: &Order,
    ) -> Result<Order, BoxError> {
        let mut tx = pool.begin().await?;
        let update =
            sqlx::query(statements[0]).bind(&draft.address).bind(draft.quantity).bind(row.id).bind(row.version);
        if update.execute(&mut *tx).await?.rows_affected() == 0 {
            return Err("the row was not written".into());
        }
        let new = sqlx::query_as(statements[1]).bind(row.id).fetch_one(&mut *tx).await?;
        tx.commit().await?;
        Ok(new)
    }

    looking!(
        MySqlConnection,
        MySqlPool,
        [
            "INSERT INTO orders_idem VALUES (?, ?, ?, ?, ?, ?, ?)",
            "INSERT INTO orders_hand VALUES (?, ?, ?, ?, ?, ?, ?)"
        ]
    );
}
