//! A function that returns a future is written as `async fn`.

use idem::idempotent;

static IDEM: std::sync::LazyLock<idem::MemoryStore> = std::sync::LazyLock::new(idem::MemoryStore::new);

#[idempotent(store = *IDEM, key = id)]
fn charge(id: u64) -> impl Future<Output = Result<u64, idem::Error>> {
    async move { Ok(id) }
}

fn main() {}
