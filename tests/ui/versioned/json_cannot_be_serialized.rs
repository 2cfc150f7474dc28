//! JSON is written by serde.

use idem::Versioned;

#[derive(Clone, PartialEq)]
struct Meta;

#[derive(Versioned, Clone)]
#[versioned(table = "orders")]
struct Order {
    #[versioned(id)]
    id: i64,
    #[versioned(version)]
    version: i64,
    #[sqlx(json)]
    meta: Meta,
    #[sqlx(json(nullable))]
    note: String,
}

fn main() {}
