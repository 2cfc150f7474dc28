//! One thing says what a change is.

use idem::Versioned;

#[derive(Versioned, Clone)]
#[versioned(table = "orders")]
struct Order {
    #[versioned(id)]
    id: i64,
    #[versioned(version)]
    version: i64,
    #[versioned(ignore_change, always_write)]
    seen: i64,
    #[versioned(compare = same, ignore_change)]
    address: String,
}

fn main() {}
