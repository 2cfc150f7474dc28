//! The attribute goes where the body is.

use idem::idempotent;

static IDEM: std::sync::LazyLock<idem::MemoryStore> = std::sync::LazyLock::new(idem::MemoryStore::new);

#[async_trait::async_trait]
trait Payments {
    #[idempotent(store = *IDEM, key = id)]
    async fn charge(&self, id: u64) -> Result<u64, idem::Error>;
}

fn main() {}
