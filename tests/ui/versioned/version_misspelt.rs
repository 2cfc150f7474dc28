//! A name that is close to an option is probably meant to be it, and is not missing as well.

use idem::Versioned;

#[derive(Versioned, Clone)]
#[versioned(table = "orders")]
struct Order {
    #[versioned(pk)]
    id: i64,
    #[versioned(verison)]
    version: i64,
    #[versioned(deleted_at)]
    is_deleted: bool,
    #[versioned(encrypted)]
    address: String,
}

fn main() {}
