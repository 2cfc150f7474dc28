//! Columns are fields.

use idem::Versioned;

#[derive(Versioned, Clone)]
#[versioned(table = "orders")]
enum Order {
    Unpaid,
    Paid,
}

fn main() {}
