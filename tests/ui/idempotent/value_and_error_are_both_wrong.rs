//! Each mistake is reported once.

use idem::idempotent;

static IDEM: std::sync::LazyLock<idem::MemoryStore> = std::sync::LazyLock::new(idem::MemoryStore::new);

struct Receipt;

struct PayError;

#[idempotent(store = *IDEM, key = id)]
async fn charge(id: u64) -> Result<Receipt, PayError> {
    Ok(Receipt)
}

fn main() {}
