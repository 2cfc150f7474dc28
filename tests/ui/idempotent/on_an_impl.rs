//! Each function has a key of its own.

use idem::idempotent;

static IDEM: std::sync::LazyLock<idem::MemoryStore> = std::sync::LazyLock::new(idem::MemoryStore::new);

struct Payments;

#[idempotent(store = *IDEM, key = id)]
impl Payments {
    async fn charge(&self, id: u64) -> Result<u64, idem::Error> {
        Ok(id)
    }
}

fn main() {}
