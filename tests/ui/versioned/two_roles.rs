//! A column is for one thing.

use idem::Versioned;

#[derive(Versioned, Clone)]
#[versioned(table = "orders")]
struct Order {
    #[versioned(id, tenant)]
    id: i64,
    #[versioned(version)]
    version: i64,
    #[versioned(readonly, generated)]
    total: i64,
}

fn main() {}
