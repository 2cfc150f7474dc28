//! A fingerprint is a hash of what can be written.

use idem::idempotent;

static IDEM: std::sync::LazyLock<idem::MemoryStore> = std::sync::LazyLock::new(idem::MemoryStore::new);

struct Order {
    id: u64,
}

#[idempotent(store = *IDEM, key = order.id, fingerprint = order)]
async fn charge(order: &Order) -> Result<u64, idem::Error> {
    Ok(order.id)
}

fn main() {}
