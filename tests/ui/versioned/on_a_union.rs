//! Columns are fields that are all there.

use idem::Versioned;

#[derive(Versioned, Clone, Copy)]
#[versioned(table = "orders")]
union Order {
    id: i64,
    version: i64,
}

fn main() {}
