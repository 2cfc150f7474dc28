//! What is written by hand with sqlx.

use std::path::Path;

use idem::entity;
use sqlx::{Pool, Transaction};

use super::{Order, OrderStatus};
use crate::by_hand::BoxError;

/// What is written by hand for each database.
pub trait ByHand: entity::Database + Sized {
    /// Its name in the table.
    const NAME: &str;

    /// Makes the tables, of which there are two of each kind.
    fn open(place: &Path, url: &str) -> impl Future<Output = Result<Pool<Self>, BoxError>> + Send;

    /// Begins a transaction that will write.
    fn transaction(pool: &Pool<Self>) -> impl Future<Output = Result<Transaction<'static, Self>, BoxError>> + Send;

    /// Moves a row: its new version, unless something stands against it.
    fn fire(
        on: &mut Self::Connection,
        sql: &'static str,
        id: i64,
    ) -> impl Future<Output = Result<Option<i64>, BoxError>> + Send;

    /// The status and the version of a row.
    fn look(
        on: &mut Self::Connection,
        sql: &'static str,
        id: i64,
    ) -> impl Future<Output = Result<(OrderStatus, i64), BoxError>> + Send;

    /// Writes an audit row, unless something stands against it.
    fn record(
        on: &mut Self::Connection,
        sql: &'static str,
        key: &str,
        id: i64,
    ) -> impl Future<Output = Result<bool, BoxError>> + Send;

    /// Updates a row that has the version of `row`, and reads it.
    fn write(
        pool: &Pool<Self>,
        statements: &[&'static str],
        row: &Order,
        draft: &Order,
    ) -> impl Future<Output = Result<Order, BoxError>> + Send;

    /// Inserts a row into both tables.
    fn insert(pool: &Pool<Self>, row: &Order) -> impl Future<Output = Result<(), BoxError>> + Send;
}

/// What is written by hand in the same words for all databases.
macro_rules! looking {
    ($connection:ty, $pool:ty, $inserts:expr) => {
        async fn look(on: &mut $connection, sql: &'static str, id: i64) -> Result<(OrderStatus, i64), BoxError> {
            let row = sqlx::query(sql).bind(id).fetch_one(on).await?;
            Ok((row.try_get(0)?, row.try_get(1)?))
        }

        async fn insert(pool: &$pool, row: &Order) -> Result<(), BoxError> {
            for insert in $inserts {
                let insert = sqlx::query(insert).bind(row.id).bind(row.status).bind(row.version).bind(&row.address);
                insert.bind(row.quantity).bind(row.created_at).bind(row.updated_at).execute(pool).await?;
            }
            Ok(())
        }
    };
}

/// What is written by hand where updates return.
macro_rules! returning {
    ($connection:ty, $pool:ty, $inserts:expr) => {
        async fn fire(on: &mut $connection, sql: &'static str, id: i64) -> Result<Option<i64>, BoxError> {
            let rows = sqlx::query(sql).bind(id).fetch_all(on).await?;
            Ok(rows.first().map(|row| row.try_get(0)).transpose()?)
        }

        async fn record(on: &mut $connection, sql: &'static str, key: &str, id: i64) -> Result<bool, BoxError> {
            let record = sqlx::query(sql).bind(key).bind(None::<&str>).bind(None::<&str>).bind(id);
            let from: Option<OrderStatus> =
                record.fetch_all(on).await?.first().map(|row| row.try_get(0)).transpose()?;
            Ok(from.is_some())
        }

        async fn write(
            pool: &$pool,
            statements: &[&'static str],
            row: &Order,
            draft: &Order,
        ) -> Result<Order, BoxError> {
            let update = sqlx::query_as(statements[0]).bind(&draft.address).bind(draft.quantity);
            let rows: Vec<Order> = update.bind(row.id).bind(row.version).fetch_all(pool).await?;
            rows.into_iter().next().ok_or_else(|| "the row was not written".into())
        }

        $crate::entities::by_hand::looking!($connection, $pool, $inserts);
    };
}

pub(super) use {looking, returning};
