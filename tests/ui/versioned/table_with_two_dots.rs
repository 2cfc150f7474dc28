//! A table has a schema, and no more.

use idem::Versioned;

#[derive(Versioned, Clone)]
#[versioned(table = "db.shop.orders", audit = ".log")]
struct Order {
    #[versioned(id)]
    id: i64,
    #[versioned(version)]
    version: i64,
}

fn main() {}
