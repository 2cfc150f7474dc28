//! NULL equals nothing.

use idem::Versioned;

#[derive(Versioned, Clone)]
#[versioned(table = "orders")]
struct Order {
    #[versioned(id)]
    id: Option<i64>,
    #[versioned(tenant)]
    shop: Option<i64>,
    #[versioned(version)]
    version: i64,
    #[versioned(unique)]
    email: Option<String>,
}

fn main() {}
