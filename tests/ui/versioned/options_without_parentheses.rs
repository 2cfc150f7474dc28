//! Options stand in parentheses.

use idem::Versioned;

#[derive(Versioned, Clone)]
#[versioned = "orders"]
struct Order {
    #[versioned]
    id: i64,
    #[versioned(version)]
    version: i64,
}

fn main() {}
