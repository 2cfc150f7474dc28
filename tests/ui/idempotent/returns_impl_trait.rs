//! What is decoded has a name.

use idem::idempotent;

static IDEM: std::sync::LazyLock<idem::MemoryStore> = std::sync::LazyLock::new(idem::MemoryStore::new);

#[idempotent(store = *IDEM, key = id)]
async fn charge(id: u64) -> Result<impl serde::Serialize, idem::Error> {
    Ok(id)
}

fn main() {}
