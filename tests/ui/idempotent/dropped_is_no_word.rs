//! What becomes of a dropped call is one of three words.

use idem::idempotent;

static IDEM: std::sync::LazyLock<idem::MemoryStore> = std::sync::LazyLock::new(idem::MemoryStore::new);

#[idempotent(store = *IDEM, key = id, dropped = finsh)]
async fn charge(id: u64) -> Result<u64, idem::Error> {
    Ok(id)
}

#[idempotent(store = *IDEM, key = id, on_drop = finish)]
async fn refund(id: u64) -> Result<u64, idem::Error> {
    Ok(id)
}

fn main() {}
