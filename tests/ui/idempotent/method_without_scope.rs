//! A method has the path of its module, as those of other types.

use idem::idempotent;

static IDEM: std::sync::LazyLock<idem::MemoryStore> = std::sync::LazyLock::new(idem::MemoryStore::new);

struct Card;

impl Card {
    #[idempotent(store = *IDEM, key = id)]
    async fn charge(&self, id: u64) -> Result<u64, idem::Error> {
        Ok(id)
    }
}

fn main() {}
