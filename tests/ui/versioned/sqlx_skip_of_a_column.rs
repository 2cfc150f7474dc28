//! What sqlx does not read has no value.

use idem::Versioned;

#[derive(Versioned, Clone)]
#[versioned(table = "orders")]
struct Order {
    #[versioned(id)]
    #[sqlx(skip)]
    id: i64,
    #[versioned(version)]
    #[sqlx(skip)]
    version: i64,
    #[versioned(unique)]
    #[sqlx(skip)]
    sku: String,
}

fn main() {}
