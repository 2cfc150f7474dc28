//! A row is known before it is inserted.

use idem::Versioned;

#[derive(Versioned, Clone)]
#[versioned(table = "orders")]
struct Order {
    #[versioned(id)]
    id: i64,
    #[versioned(version, unique)]
    version: i64,
}

fn main() {}
