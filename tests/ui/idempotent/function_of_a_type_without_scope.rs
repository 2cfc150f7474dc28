//! A function of a type has the path of its module, as those of other types; and so has one inside another function.

use idem::idempotent;

static IDEM: std::sync::LazyLock<idem::MemoryStore> = std::sync::LazyLock::new(idem::MemoryStore::new);

struct Service<T>(T);

impl<T> Service<T> {
    #[idempotent(store = *IDEM, key = id)]
    async fn charge(id: u64) -> Result<u64, idem::Error> {
        Ok(id)
    }
}

fn main() {
    #[idempotent(store = *IDEM, key = id)]
    async fn refund(id: u64) -> Result<u64, idem::Error> {
        Ok(id)
    }
}
