//! The database's clock is written to it.

use idem::Versioned;

#[derive(Versioned, Clone)]
#[versioned(table = "orders")]
struct Order {
    #[versioned(id)]
    id: i64,
    #[versioned(version)]
    version: i64,
    #[versioned(created_at)]
    created_at: String,
    #[versioned(updated_at)]
    updated_at: i64,
}

fn main() {}
