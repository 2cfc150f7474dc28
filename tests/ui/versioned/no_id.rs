//! A row has an address.

use idem::Versioned;

#[derive(Versioned, Clone)]
#[versioned(table = "orders")]
struct Order {
    id: i64,
    #[versioned(version)]
    version: i64,
}

fn main() {}
