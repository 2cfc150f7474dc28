//! Instances of a function are one operation or several.

use idem::idempotent;

static IDEM: std::sync::LazyLock<idem::MemoryStore> = std::sync::LazyLock::new(idem::MemoryStore::new);

trait Provider: Send {}

#[idempotent(store = *IDEM, key = id)]
async fn charge<P: Provider>(provider: P, id: u64) -> Result<u64, idem::Error> {
    Ok(id)
}

#[idempotent(store = *IDEM, key = id)]
async fn refund(provider: &impl Provider, id: u64) -> Result<u64, idem::Error> {
    Ok(id)
}

#[idempotent(store = *IDEM, key = id)]
async fn cancel<const N: u64>(id: u64) -> Result<u64, idem::Error> {
    Ok(id + N)
}

fn main() {}
