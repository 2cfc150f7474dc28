//! What is decoded is owned.

use idem::idempotent;

static IDEM: std::sync::LazyLock<idem::MemoryStore> = std::sync::LazyLock::new(idem::MemoryStore::new);

#[idempotent(store = *IDEM, key = name)]
async fn charge(name: &str) -> Result<&str, idem::Error> {
    Ok(name)
}

fn main() {}
