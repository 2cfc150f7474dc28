//! A name that is close to an option is probably meant to be it, and is not missing as well.

use idem::Versioned;

#[derive(Versioned, Clone)]
#[versioned(tabel = "orders")]
struct Order {
    #[versioned(id)]
    id: i64,
    #[versioned(version)]
    version: i64,
}

#[derive(Versioned, Clone)]
#[versioned(table_name = "lines", version)]
struct Line {
    #[versioned(id)]
    id: i64,
    #[versioned(version)]
    version: i64,
}

fn main() {}
