//! By hand on PostgreSQL.

use std::path::Path;

use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{AssertSqlSafe, PgConnection, PgPool, PgTransaction, Postgres, Row as _};

use super::by_hand::{ByHand, returning};
use super::{Order, OrderStatus};
use crate::by_hand::BoxError;

const TABLES: &str = "
    CREATE TABLE orders_idem (id bigint PRIMARY KEY, status text NOT NULL, version bigint NOT NULL, address text,
        quantity bigint NOT NULL, created_at timestamptz NOT NULL, updated_at timestamptz NOT NULL);
    CREATE TABLE orders_hand (LIKE orders_idem INCLUDING ALL);
    CREATE TABLE transitions_idem (id bigint NOT NULL, event text NOT NULL, from_state text NOT NULL, to_state text NOT NULL,
        version bigint NOT NULL, key text, actor text, reason text, at timestamptz NOT NULL, UNIQUE (id, key));
    CREATE TABLE transitions_hand (LIKE transitions_idem INCLUDING ALL);";

impl ByHand for Postgres {
    const NAME: &str = "PostgreSQL";

    async fn open(_: &Path, url: &str) -> Result<PgPool, BoxError> {
        let schema = format!("bench_{:016x}", rand::random::<u64>());
        let options = url.parse::<PgConnectOptions>()?.options([("search_path", &schema)]);
        let pool = PgPoolOptions::new().test_before_acquire(false).connect_with(options).await?;
        sqlx::raw_sql(AssertSqlSafe(format!("CREATE SCHEMA {schema}; {TABLES}"))).execute(&pool).await?;
        Ok(pool)
    }

    async fn transaction(pool: &PgPool) -> Result<PgTransaction<'static>, BoxError> {
        Ok(pool.begin().await?)
    }

    returning!(
        PgConnection,
        PgPool,
        [
            "INSERT INTO orders_idem VALUES ($1, $2, $3, $4, $5, $6, $7)",
            "INSERT INTO orders_hand VALUES ($1, $2, $3, $4, $5, $6, $7)"
        ]
    );
}
