//! A comparison takes the row's value and the draft's.

use idem::Versioned;

fn same(left: i64, right: i64) -> bool {
    left == right
}

#[derive(Versioned, Clone)]
#[versioned(table = "orders")]
struct Order {
    #[versioned(id)]
    id: i64,
    #[versioned(version)]
    version: i64,
    #[versioned(compare = same)]
    price: i64,
    #[versioned(compare = not_there)]
    weight: i64,
}

fn main() {}
