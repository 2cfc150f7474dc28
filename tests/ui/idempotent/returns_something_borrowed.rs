//! What is decoded is owned.

use idem::idempotent;

static IDEM: std::sync::LazyLock<idem::MemoryStore> = std::sync::LazyLock::new(idem::MemoryStore::new);

#[derive(serde::Serialize, serde::Deserialize)]
struct Receipt<'a> {
    name: &'a str,
}

#[idempotent(store = *IDEM, key = name)]
async fn charge(name: &str) -> Result<Receipt<'_>, idem::Error> {
    Ok(Receipt { name })
}

fn main() {}
