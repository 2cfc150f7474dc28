//! A literal is the same for every call.

use idem::{Token, idempotent};

static IDEM: std::sync::LazyLock<idem::MemoryStore> = std::sync::LazyLock::new(idem::MemoryStore::new);

#[idempotent(store = *IDEM, scope = "checkout.pay", token = "token.of(user)")]
async fn pay(user: u64, token: Token) -> Result<u64, idem::Error> {
    let _ = token;
    Ok(user)
}

fn main() {}
