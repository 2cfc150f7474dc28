//! A change ends in nothing, or in a `Result` whose error can also be one of the database's.

use idem::Versioned;
use idem::entity::Retry;

#[derive(Versioned, sqlx::FromRow, Clone)]
#[versioned(table = "orders")]
struct Order {
    #[versioned(id)]
    id: i64,
    #[versioned(version)]
    version: i64,
    seats: i64,
}

struct SoldOut;

async fn book(id: i64, pool: &sqlx::SqlitePool) -> Result<(), idem::EntityError> {
    Order::modify(pool, id, Retry::times(3), |order| order.seats > 0).await?.accepted()?;
    Ok(())
}

async fn book_or_not(id: i64, pool: &sqlx::SqlitePool) -> Result<(), SoldOut> {
    Order::modify(pool, id, Retry::times(3), |order| Err(SoldOut)).await?;
    Ok(())
}

fn main() {}
