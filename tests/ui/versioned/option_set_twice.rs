//! An option is set once.

use idem::Versioned;

#[derive(Versioned, Clone)]
#[versioned(table = "orders")]
struct Order {
    #[versioned(id)]
    id: i64,
    #[versioned(version, version)]
    version: i64,
    #[versioned(compare = same)]
    #[versioned(compare = other)]
    address: String,
}

fn main() {}
