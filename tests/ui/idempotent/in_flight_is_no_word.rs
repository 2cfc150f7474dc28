//! `in_flight` is one of two words.

use idem::idempotent;

static IDEM: std::sync::LazyLock<idem::MemoryStore> = std::sync::LazyLock::new(idem::MemoryStore::new);

#[idempotent(store = *IDEM, key = id, in_flight = "reject")]
async fn charge(id: u64) -> Result<u64, idem::Error> {
    Ok(id)
}

#[idempotent(store = *IDEM, key = id, in_flight = block)]
async fn block(id: u64) -> Result<u64, idem::Error> {
    Ok(id)
}

#[idempotent(store = *IDEM, key = id, in_flight = waits("5s"))]
async fn waits(id: u64) -> Result<u64, idem::Error> {
    Ok(id)
}

fn main() {}
