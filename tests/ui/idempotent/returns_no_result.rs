//! A refused call has to say why.

use idem::idempotent;

static IDEM: std::sync::LazyLock<idem::MemoryStore> = std::sync::LazyLock::new(idem::MemoryStore::new);

#[idempotent(store = *IDEM, key = id)]
async fn charge(id: u64) -> u64 {
    id
}

#[idempotent(store = *IDEM, key = id)]
async fn tuple(id: u64) -> (u64, u64) {
    (id, id)
}

#[idempotent(store = *IDEM, key = id)]
async fn option(id: u64) -> Option<u64> {
    Some(id)
}

fn main() {}
