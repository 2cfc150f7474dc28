//! `max_attempts` is a literal number.

use idem::idempotent;

static IDEM: std::sync::LazyLock<idem::MemoryStore> = std::sync::LazyLock::new(idem::MemoryStore::new);

#[idempotent(store = *IDEM, key = id, max_attempts = "5")]
async fn charge(id: u64) -> Result<u64, idem::Error> {
    Ok(id)
}

#[idempotent(store = *IDEM, key = id, max_attempts = -1)]
async fn negative(id: u64) -> Result<u64, idem::Error> {
    Ok(id)
}

#[idempotent(store = *IDEM, key = id, max_attempts = 5000000000)]
async fn huge(id: u64) -> Result<u64, idem::Error> {
    Ok(id)
}

fn main() {}
