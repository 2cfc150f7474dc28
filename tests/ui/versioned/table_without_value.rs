//! An option has a value, or none, as it is documented.

use idem::Versioned;

#[derive(Versioned, Clone)]
#[versioned(table)]
struct Order {
    #[versioned(id)]
    id: i64,
    #[versioned(version)]
    version: i64,
}

#[derive(Versioned, Clone)]
#[versioned(table("lines"))]
struct Line {
    #[versioned(id = true)]
    id: i64,
    #[versioned(version)]
    version: i64,
    #[versioned(compare)]
    price: i64,
    #[versioned(compare = "same")]
    weight: i64,
}

fn main() {}
