//! The value is read back.

use idem::idempotent;

static IDEM: std::sync::LazyLock<idem::MemoryStore> = std::sync::LazyLock::new(idem::MemoryStore::new);

#[derive(serde::Serialize)]
struct Receipt;

#[idempotent(store = *IDEM, key = id)]
async fn charge(id: u64) -> Result<Receipt, idem::Error> {
    Ok(Receipt)
}

fn main() {}
