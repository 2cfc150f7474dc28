//! Every call without a value would be the same call.

use idem::idempotent;

static IDEM: std::sync::LazyLock<idem::MemoryStore> = std::sync::LazyLock::new(idem::MemoryStore::new);

#[idempotent(store = *IDEM, key = id)]
async fn charge(id: Option<u64>) -> Result<u64, idem::Error> {
    Ok(id.unwrap_or_default())
}

fn main() {}
