//! `errors` is one of three words.

use idem::idempotent;

static IDEM: std::sync::LazyLock<idem::MemoryStore> = std::sync::LazyLock::new(idem::MemoryStore::new);

#[idempotent(store = *IDEM, key = id, errors = kept)]
async fn charge(id: u64) -> Result<u64, idem::Error> {
    Ok(id)
}

#[idempotent(store = *IDEM, key = id, errors = true)]
async fn flag(id: u64) -> Result<u64, idem::Error> {
    Ok(id)
}

fn main() {}
