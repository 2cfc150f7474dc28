//! All mistakes are reported together.

use idem::Versioned;

#[derive(Versioned, Clone)]
#[versioned(tabel = "orders", audit = "a`b")]
#[sqlx(rename_all = "snake")]
struct Order {
    #[versioned(pk)]
    id: Option<i64>,
    #[versioned(version)]
    #[sqlx(skip)]
    version: u64,
    #[versioned(readonly, ignore_change)]
    sku: String,
    #[sqlx(flatten)]
    address: String,
}

fn main() {}
