//! A token that is given as a key would be one that anybody can make up.

use idem::{Token, idempotent};

static IDEM: std::sync::LazyLock<idem::MemoryStore> = std::sync::LazyLock::new(idem::MemoryStore::new);

#[idempotent(store = *IDEM, scope = "checkout.pay", key = token.of(user))]
async fn pay(user: u64, token: Token) -> Result<u64, idem::Error> {
    Ok(user)
}

fn main() {}
