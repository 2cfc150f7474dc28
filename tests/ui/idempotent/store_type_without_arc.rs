//! A store of your own is in an `Arc`.

use idem::idempotent;

struct Pool;

#[idempotent(store = pool, key = id)]
async fn charge(pool: &Pool, id: u64) -> Result<u64, idem::Error> {
    Ok(id)
}

fn main() {}
