//! An address, a version and a state are compared by the database.

use idem::Versioned;

#[derive(Versioned, Clone)]
#[versioned(table = "orders")]
struct Order {
    #[versioned(id)]
    #[sqlx(json)]
    id: i64,
    #[versioned(version)]
    #[sqlx(json)]
    version: i64,
}

fn main() {}
