//! A scope is a text.

use idem::idempotent;

static IDEM: std::sync::LazyLock<idem::MemoryStore> = std::sync::LazyLock::new(idem::MemoryStore::new);

#[idempotent(store = *IDEM, key = id, scope = 17)]
async fn charge(id: u64) -> Result<u64, idem::Error> {
    Ok(id)
}

#[idempotent(store = *IDEM, key = id, scope = id)]
async fn refund(id: u64) -> Result<u64, idem::Error> {
    Ok(id)
}

#[idempotent(store = *IDEM, key = id, scope = shared())]
async fn cancel(id: u64) -> Result<u64, idem::Error> {
    Ok(id)
}

fn main() {}
