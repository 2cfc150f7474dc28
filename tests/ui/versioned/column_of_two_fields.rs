//! A column holds one field.

use idem::Versioned;

#[derive(Versioned, Clone)]
#[versioned(table = "orders")]
struct Order {
    #[versioned(id)]
    id: i64,
    #[versioned(version)]
    version: i64,
    #[sqlx(rename = "address")]
    street: String,
    address: String,
    #[sqlx(rename = "version")]
    revision: i64,
}

fn main() {}
