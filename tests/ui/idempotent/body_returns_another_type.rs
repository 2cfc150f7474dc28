//! The body is checked as without the attribute.

use idem::idempotent;

static IDEM: std::sync::LazyLock<idem::MemoryStore> = std::sync::LazyLock::new(idem::MemoryStore::new);

#[idempotent(store = *IDEM, key = id)]
async fn charge(id: u64) -> Result<u64, idem::Error> {
    id
}

fn main() {}
