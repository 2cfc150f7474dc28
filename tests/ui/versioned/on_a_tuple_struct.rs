//! Columns have names.

use idem::Versioned;

#[derive(Versioned, Clone)]
#[versioned(table = "orders")]
struct Order(#[versioned(id)] i64, #[versioned(version)] i64);

#[derive(Versioned, Clone)]
#[versioned(table = "lines")]
struct Line;

fn main() {}
