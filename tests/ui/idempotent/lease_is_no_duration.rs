//! Not everything in quotes is a duration.

use idem::idempotent;

static IDEM: std::sync::LazyLock<idem::MemoryStore> = std::sync::LazyLock::new(idem::MemoryStore::new);

#[idempotent(store = *IDEM, key = id, lease = "soon")]
async fn charge(id: u64) -> Result<u64, idem::Error> {
    Ok(id)
}

#[idempotent(store = *IDEM, key = id, lease = "")]
async fn empty(id: u64) -> Result<u64, idem::Error> {
    Ok(id)
}

#[idempotent(store = *IDEM, key = id, lease = 1.5)]
async fn fraction(id: u64) -> Result<u64, idem::Error> {
    Ok(id)
}

#[idempotent(store = *IDEM, key = id, lease = "-30s")]
async fn negative(id: u64) -> Result<u64, idem::Error> {
    Ok(id)
}

fn main() {}
