//! A row is known before the database has made its id.

use idem::Versioned;

#[derive(Versioned, Clone)]
#[versioned(table = "orders")]
struct Order {
    #[versioned(id, generated)]
    id: i64,
    #[versioned(version)]
    version: i64,
    number: String,
}

fn main() {}
