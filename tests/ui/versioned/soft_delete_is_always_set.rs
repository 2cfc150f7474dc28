//! What is not deleted is NULL or false.

use std::time::SystemTime;

use idem::Versioned;

#[derive(Versioned, Clone)]
#[versioned(table = "orders")]
struct Order {
    #[versioned(id)]
    id: i64,
    #[versioned(version)]
    version: i64,
    #[versioned(soft_delete)]
    deleted_at: SystemTime,
}

fn main() {}
