//! What ends a quoted name could be SQL of its own.

use idem::Versioned;

#[derive(Versioned, Clone)]
#[versioned(table = "orders\"; DROP TABLE orders", audit = "back\\slash")]
struct Order {
    #[versioned(id)]
    id: i64,
    #[versioned(version)]
    version: i64,
}

#[derive(Versioned, Clone)]
#[versioned(table = "", audit = "nul\0")]
struct Line {
    #[versioned(id)]
    id: i64,
    #[versioned(version)]
    version: i64,
}

fn main() {}
