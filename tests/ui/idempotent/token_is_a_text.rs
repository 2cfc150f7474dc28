//! What a client sends is a text until it has been parsed.

use idem::idempotent;

static IDEM: std::sync::LazyLock<idem::MemoryStore> = std::sync::LazyLock::new(idem::MemoryStore::new);

#[idempotent(store = *IDEM, scope = "checkout.pay", token = token)]
async fn pay(user: u64, token: String) -> Result<u64, idem::Error> {
    Ok(user)
}

fn main() {}
