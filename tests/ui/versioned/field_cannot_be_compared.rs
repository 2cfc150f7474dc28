//! A change is another value.

use idem::Versioned;

#[derive(Clone)]
struct Meta;

fn same(_: &Meta, _: &Meta) -> bool {
    true
}

#[derive(Versioned, Clone)]
#[versioned(table = "orders")]
struct Order {
    #[versioned(id)]
    id: i64,
    #[versioned(version)]
    version: i64,
    meta: Meta,
    #[versioned(readonly)]
    origin: Meta,
    #[versioned(compare = same)]
    first: Meta,
    #[versioned(always_write)]
    second: Meta,
}

fn main() {}
