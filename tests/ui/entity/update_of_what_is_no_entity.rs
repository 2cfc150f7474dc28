//! What is written is an entity.

use idem::Versioned;

#[derive(sqlx::FromRow, Clone)]
struct Order {
    id: i64,
    address: Option<String>,
}

async fn put(order: &Order, draft: &Order, pool: &sqlx::SqlitePool) -> Result<(), idem::EntityError> {
    order.update_to(draft, pool).await?.accepted()?;
    Ok(())
}

fn main() {}
