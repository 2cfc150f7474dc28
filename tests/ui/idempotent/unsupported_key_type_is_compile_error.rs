//! A key is exact.

use idem::idempotent;

static IDEM: std::sync::LazyLock<idem::MemoryStore> = std::sync::LazyLock::new(idem::MemoryStore::new);

struct Order;

#[idempotent(store = *IDEM, key = order)]
async fn charge(order: Order) -> Result<u64, idem::Error> {
    drop(order);
    Ok(1)
}

fn main() {}
