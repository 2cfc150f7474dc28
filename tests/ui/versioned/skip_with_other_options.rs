//! What is skipped is no column.

use idem::Versioned;

#[derive(Versioned, Clone)]
#[versioned(table = "orders")]
struct Order {
    #[versioned(id)]
    id: i64,
    #[versioned(version, skip)]
    #[sqlx(default)]
    version: i64,
    #[versioned(skip, compare = same)]
    #[sqlx(skip)]
    seen: i64,
}

fn main() {}
