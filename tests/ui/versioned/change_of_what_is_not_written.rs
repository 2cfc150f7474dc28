//! An update does not write every column.

use idem::Versioned;

#[derive(Versioned, Clone)]
#[versioned(table = "orders")]
struct Order {
    #[versioned(id)]
    id: i64,
    #[versioned(version, ignore_change)]
    version: i64,
    #[versioned(readonly, always_write)]
    sku: String,
}

fn main() {}
