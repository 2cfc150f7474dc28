//! Equal amounts may differ in the last bit.

use idem::idempotent;

static IDEM: std::sync::LazyLock<idem::MemoryStore> = std::sync::LazyLock::new(idem::MemoryStore::new);

#[idempotent(store = *IDEM, key = amount)]
async fn charge(amount: f64) -> Result<f64, idem::Error> {
    Ok(amount)
}

fn main() {}
