//! The type that a store joins is a transaction of its database, or a connection.

use idem::idempotent;

static IDEM: std::sync::LazyLock<idem::SqliteStore> = std::sync::LazyLock::new(|| unreachable!());

#[idempotent(store = *IDEM, key = id, tx = number)]
async fn charge(number: &mut u32, id: u64) -> Result<u64, idem::Error> {
    *number += 1;
    Ok(id)
}

fn main() {}
