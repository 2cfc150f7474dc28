//! What ends a quoted name could be SQL of its own.

use idem::Versioned;

#[derive(Versioned, Clone)]
#[versioned(table = "orders")]
struct Order {
    #[versioned(id)]
    id: i64,
    #[versioned(version)]
    version: i64,
    #[sqlx(rename = "no\"te")]
    note: String,
    #[sqlx(rename = "")]
    address: String,
    #[sqlx(rename = "it`s")]
    owner: String,
}

fn main() {}
