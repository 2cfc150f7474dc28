//! A type parameter says that it can be stored.

use idem::idempotent;

static IDEM: std::sync::LazyLock<idem::MemoryStore> = std::sync::LazyLock::new(idem::MemoryStore::new);

#[idempotent(store = *IDEM, scope = shared("payments.charge"), key = id)]
async fn charge<T>(id: u64, receipt: T) -> Result<T, idem::Error> {
    Ok(receipt)
}

fn main() {}
