//! All mistakes are reported together.

use idem::idempotent;

static IDEM: std::sync::LazyLock<idem::MemoryStore> = std::sync::LazyLock::new(idem::MemoryStore::new);

#[idempotent(store = *IDEM, lease = 30, retain = "1 year", keys = id, errors = kept)]
fn charge(id: u64) -> Option<u64> {
    Some(id)
}

fn main() {}
