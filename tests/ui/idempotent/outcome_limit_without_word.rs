//! A limit says what becomes of a larger outcome.

use idem::idempotent;

static IDEM: std::sync::LazyLock<idem::MemoryStore> = std::sync::LazyLock::new(idem::MemoryStore::new);

#[idempotent(store = *IDEM, key = id, outcome_limit = 65536)]
async fn charge(id: u64) -> Result<u64, idem::Error> {
    Ok(id)
}

#[idempotent(store = *IDEM, key = id, outcome_limit = error)]
async fn refund(id: u64) -> Result<u64, idem::Error> {
    Ok(id)
}

#[idempotent(store = *IDEM, key = id, outcome_limit = marker("64 KiB"))]
async fn cancel(id: u64) -> Result<u64, idem::Error> {
    Ok(id)
}

fn main() {}
