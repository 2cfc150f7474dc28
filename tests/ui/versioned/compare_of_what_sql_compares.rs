//! A row is found by its address, and written over by its version.

use idem::Versioned;

#[derive(Versioned, Clone)]
#[versioned(table = "orders")]
struct Order {
    #[versioned(id, compare = same)]
    id: i64,
    #[versioned(version, compare = same)]
    version: i64,
}

fn main() {}
