//! A table is named by its name, and by no more SQL.

use idem::Versioned;

#[derive(Versioned, Clone)]
#[versioned(table = "orders, lines", audit = "shop. log")]
struct Order {
    #[versioned(id)]
    id: i64,
    #[versioned(version)]
    version: i64,
}

#[derive(Versioned, Clone)]
#[versioned(table = "lines(id)", audit = "log; DROP TABLE log")]
struct Line {
    #[versioned(id)]
    id: i64,
    #[versioned(version)]
    version: i64,
}

fn main() {}
