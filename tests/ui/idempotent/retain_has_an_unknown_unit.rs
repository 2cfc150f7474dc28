//! A familiar unit is translated.

use idem::idempotent;

static IDEM: std::sync::LazyLock<idem::MemoryStore> = std::sync::LazyLock::new(idem::MemoryStore::new);

#[idempotent(store = *IDEM, key = id, retain = "1 year")]
async fn charge(id: u64) -> Result<u64, idem::Error> {
    Ok(id)
}

#[idempotent(store = *IDEM, key = id, retain = "2 fortnights")]
async fn fortnight(id: u64) -> Result<u64, idem::Error> {
    Ok(id)
}

fn main() {}
