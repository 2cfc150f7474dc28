//! Some things a row has once.

use idem::Versioned;

#[derive(Versioned, Clone)]
#[versioned(table = "orders")]
struct Order {
    #[versioned(id)]
    id: i64,
    #[versioned(version)]
    version: i64,
    #[versioned(version)]
    revision: i32,
    #[versioned(tenant)]
    shop: i64,
    #[versioned(tenant)]
    region: i64,
    #[versioned(soft_delete)]
    is_deleted: bool,
    #[versioned(soft_delete)]
    is_hidden: bool,
}

fn main() {}
