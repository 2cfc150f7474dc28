//! The error can hold ours.

use idem::idempotent;

static IDEM: std::sync::LazyLock<idem::MemoryStore> = std::sync::LazyLock::new(idem::MemoryStore::new);

#[derive(Debug)]
struct PayError;

type Result<T, E = PayError> = std::result::Result<T, E>;

#[idempotent(store = *IDEM, key = id)]
async fn charge(id: u64) -> Result<u64> {
    Ok(id)
}

fn main() {}
