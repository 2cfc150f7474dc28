//! Lints look into the body as without the attribute.
#![deny(unused)]

use idem::idempotent;

static IDEM: std::sync::LazyLock<idem::MemoryStore> = std::sync::LazyLock::new(idem::MemoryStore::new);

#[idempotent(store = *IDEM, key = id)]
async fn charge(id: u64, amount: u64) -> Result<u64, idem::Error> {
    let receipt = 1;
    Ok(id)
}

#[allow(dead_code)]
async fn call() {
    let _ = charge(1, 2).await;
}

fn main() {}
