//! One mistake in the list does not hide the next.

use idem::Versioned;

#[derive(Versioned, Clone)]
#[versioned(table = "orders" audit = "log", crate = "idem")]
struct Order {
    #[versioned(id unique)]
    id: i64,
    #[versioned(version)]
    version: i64,
    #[versioned("readonly", verison)]
    sku: String,
}

fn main() {}
