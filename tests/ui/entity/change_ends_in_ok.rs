//! Of what `Ok(())` is the success, nobody says: a change that cannot fail ends in nothing.

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

async fn book(id: i64, pool: &sqlx::SqlitePool) -> Result<(), idem::EntityError> {
    Order::modify(pool, id, Retry::times(3), |order| {
        order.seats -= 1;
        Ok(())
    })
    .await?
    .accepted()?;
    Ok(())
}

fn main() {}
