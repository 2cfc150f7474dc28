//! A function says which errors leave open what the body did.

use idem::idempotent;

static IDEM: std::sync::LazyLock<idem::MemoryStore> = std::sync::LazyLock::new(idem::MemoryStore::new);

fn is_timeout(_: &str) -> bool {
    true
}

#[idempotent(store = *IDEM, key = id, unknown_if = is_timeout)]
async fn charge(id: u64) -> Result<u64, idem::Error> {
    Ok(id)
}

fn main() {}
