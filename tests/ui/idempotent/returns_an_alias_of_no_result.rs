//! An alias is looked through.

use idem::idempotent;

static IDEM: std::sync::LazyLock<idem::MemoryStore> = std::sync::LazyLock::new(idem::MemoryStore::new);

type Reply = std::ops::ControlFlow<u64>;

#[idempotent(store = *IDEM, key = id)]
async fn charge(id: u64) -> Reply {
    Reply::Break(id)
}

fn main() {}
