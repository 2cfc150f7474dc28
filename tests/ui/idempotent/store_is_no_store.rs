//! A store is something that stores.

use idem::idempotent;

#[idempotent(store = "postgres://localhost", key = id)]
async fn charge(id: u64) -> Result<u64, idem::Error> {
    Ok(id)
}

fn main() {}
