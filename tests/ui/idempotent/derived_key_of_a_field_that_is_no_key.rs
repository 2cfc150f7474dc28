//! Each field of a key is one.

use idem::IntoKey;

#[derive(IntoKey)]
struct OrderId(f64);

#[derive(IntoKey)]
struct LineId {
    order: u64,
    line: Option<u32>,
}

#[derive(IntoKey)]
enum Payer {
    User(u64),
    Company { number: f32 },
}

fn main() {}
