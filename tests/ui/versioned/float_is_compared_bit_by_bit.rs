//! A sum that was computed anew often differs in its last bit. It is a warning, which is denied here to be seen.
#![deny(deprecated)]

use idem::Versioned;

#[derive(Versioned, Clone)]
#[versioned(table = "orders")]
struct Order {
    #[versioned(id)]
    id: i64,
    #[versioned(version)]
    version: i64,
    price: f64,
    weight: Option<f32>,
    #[versioned(compare = idem::same_bits)]
    height: f64,
    #[versioned(ignore_change)]
    width: f32,
}

fn main() {}
