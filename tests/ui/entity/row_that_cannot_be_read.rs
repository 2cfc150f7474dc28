//! The rows of an entity are read by `sqlx::FromRow`.

use idem::Versioned;

#[derive(Versioned, Clone)]
#[versioned(table = "orders")]
struct Order {
    #[versioned(id)]
    id: i64,
    #[versioned(version)]
    version: i64,
    address: Option<String>,
}

async fn put(order: &Order, draft: &Order, pool: &sqlx::SqlitePool) -> Result<(), idem::EntityError> {
    order.update_to(draft, pool).await?.accepted()?;
    Ok(())
}

fn main() {}
