//! An error without a type cannot be stored.

use idem::idempotent;

static IDEM: std::sync::LazyLock<idem::MemoryStore> = std::sync::LazyLock::new(idem::MemoryStore::new);

#[idempotent(store = *IDEM, key = id, errors = keep)]
async fn charge(id: u64) -> anyhow::Result<u64> {
    Ok(id)
}

fn main() {}
