//! In a transaction, what a dropped call leaves is rolled back; what an error means is known.

use idem::idempotent;

static IDEM: std::sync::LazyLock<idem::MemoryStore> = std::sync::LazyLock::new(idem::MemoryStore::new);

#[idempotent(store = *IDEM, key = id, tx = tx, dropped = lapse, unknown_if = |_| true)]
async fn charge(tx: &mut u8, id: u64) -> Result<u64, idem::Error> {
    Ok(id)
}

fn main() {}
