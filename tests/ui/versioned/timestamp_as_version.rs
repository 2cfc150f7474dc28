//! Two writes can carry the same timestamp.

use std::time::SystemTime;

use idem::Versioned;

#[derive(Versioned, Clone)]
#[versioned(table = "orders")]
struct Order {
    #[versioned(id)]
    id: i64,
    #[versioned(version)]
    version: SystemTime,
}

fn main() {}
