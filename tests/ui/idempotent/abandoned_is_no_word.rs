//! `abandoned` is one of two words.

use idem::idempotent;

static IDEM: std::sync::LazyLock<idem::MemoryStore> = std::sync::LazyLock::new(idem::MemoryStore::new);

#[idempotent(store = *IDEM, key = id, abandoned = Refuse)]
async fn charge(id: u64) -> Result<u64, idem::Error> {
    Ok(id)
}

#[idempotent(store = *IDEM, key = id, abandoned = retry)]
async fn retry(id: u64) -> Result<u64, idem::Error> {
    Ok(id)
}

fn main() {}
