//! A table is named by a string.

use idem::Versioned;

#[derive(Versioned, Clone)]
#[versioned(table = orders)]
struct Order {
    #[versioned(id)]
    id: i64,
    #[versioned(version)]
    version: i64,
}

fn main() {}
