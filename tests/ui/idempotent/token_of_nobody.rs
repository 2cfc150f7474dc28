//! Who brings a token back is part of it.

use idem::{Token, idempotent};

static IDEM: std::sync::LazyLock<idem::MemoryStore> = std::sync::LazyLock::new(idem::MemoryStore::new);

#[idempotent(store = *IDEM, scope = "checkout.pay", token = token)]
async fn pay(user: u64, token: Token) -> Result<u64, idem::Error> {
    Ok(user)
}

fn main() {}
