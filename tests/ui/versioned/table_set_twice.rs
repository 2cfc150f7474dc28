//! One entity, one table.

use idem::Versioned;

#[derive(Versioned, Clone)]
#[versioned(table = "orders", table = "shop.orders")]
struct Order {
    #[versioned(id)]
    id: i64,
    #[versioned(version)]
    version: i64,
}

fn main() {}
