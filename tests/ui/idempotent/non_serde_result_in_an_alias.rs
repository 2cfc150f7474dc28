//! The value is stored.

use idem::idempotent;

static IDEM: std::sync::LazyLock<idem::MemoryStore> = std::sync::LazyLock::new(idem::MemoryStore::new);

struct Receipt;

#[idempotent(store = *IDEM, key = id)]
async fn charge(id: u64) -> anyhow::Result<Receipt> {
    Ok(Receipt)
}

fn main() {}
