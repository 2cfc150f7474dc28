//! One entity, one table.

use idem::Versioned;

#[derive(Versioned, Clone)]
#[versioned(table = "orders")]
struct Order<Meta: Clone> {
    #[versioned(id)]
    id: i64,
    #[versioned(version)]
    version: i64,
    meta: Meta,
}

fn main() {}
