//! A literal names one function, and not all instances of one.

use idem::idempotent;

static IDEM: std::sync::LazyLock<idem::MemoryStore> = std::sync::LazyLock::new(idem::MemoryStore::new);

trait Provider: Send {}

#[idempotent(store = *IDEM, key = id, scope = "payments.charge")]
async fn charge<P: Provider>(provider: P, id: u64) -> Result<u64, idem::Error> {
    Ok(id)
}

fn main() {}
