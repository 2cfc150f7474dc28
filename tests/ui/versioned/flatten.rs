//! The columns of a flattened field are known to its type alone.

use idem::Versioned;

#[derive(Clone, PartialEq)]
struct Address;

#[derive(Versioned, Clone)]
#[versioned(table = "orders")]
struct Order {
    #[versioned(id)]
    id: i64,
    #[versioned(version)]
    version: i64,
    #[sqlx(flatten)]
    address: Address,
}

fn main() {}
