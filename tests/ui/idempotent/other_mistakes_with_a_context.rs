//! A body that uses the context is not reported as well.

use idem::idempotent;

static IDEM: std::sync::LazyLock<idem::MemoryStore> = std::sync::LazyLock::new(idem::MemoryStore::new);

#[idempotent(store = *IDEM, key = id, context = execution, lease = 30)]
async fn charge(id: u64) -> Result<u64, idem::Error> {
    Ok(id + u64::from(execution.attempt()))
}

fn main() {}
