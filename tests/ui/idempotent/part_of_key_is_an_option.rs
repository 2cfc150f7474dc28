//! The part is underlined, not the tuple.

use idem::idempotent;

static IDEM: std::sync::LazyLock<idem::MemoryStore> = std::sync::LazyLock::new(idem::MemoryStore::new);

#[idempotent(store = *IDEM, key = (merchant, id))]
async fn charge(merchant: u64, id: Option<u64>) -> Result<u64, idem::Error> {
    Ok(merchant + id.unwrap_or_default())
}

fn main() {}
