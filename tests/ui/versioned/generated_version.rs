//! Every write adds one to the version.

use idem::Versioned;

#[derive(Versioned, Clone)]
#[versioned(table = "orders")]
struct Order {
    #[versioned(id)]
    id: i64,
    #[versioned(version, generated)]
    version: i64,
}

fn main() {}
