//! The table is part of every statement.

use idem::Versioned;

#[derive(Versioned, Clone)]
struct Order {
    #[versioned(id)]
    id: i64,
    #[versioned(version)]
    version: i64,
}

#[derive(Versioned, Clone)]
#[versioned(audit = "box_transitions")]
struct GiftBox {
    #[versioned(id)]
    id: i64,
    #[versioned(version)]
    version: i64,
}

fn main() {}
