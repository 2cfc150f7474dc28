//! `FromRow` reads every field that it is not told to skip.

use idem::Versioned;

#[derive(Versioned, Clone)]
#[versioned(table = "orders")]
struct Order {
    #[versioned(id)]
    id: i64,
    #[versioned(version)]
    version: i64,
    #[versioned(skip)]
    seen: i64,
    #[versioned(skip)]
    #[sqlx(default)]
    found: i64,
}

fn main() {}
