//! sqlx does not do both.

use idem::Versioned;

#[derive(Versioned, Clone)]
#[versioned(table = "orders")]
struct Order {
    #[versioned(id)]
    id: i64,
    #[versioned(version)]
    version: i64,
    #[sqlx(json(nullable), try_from = "String")]
    note: Option<String>,
}

fn main() {}
