//! A token is the key.

use idem::{Token, idempotent};

static IDEM: std::sync::LazyLock<idem::MemoryStore> = std::sync::LazyLock::new(idem::MemoryStore::new);

#[idempotent(store = *IDEM, scope = "checkout.pay", key = order, token = token.of(user))]
async fn pay(user: u64, order: u64, token: Token) -> Result<u64, idem::Error> {
    let _ = (user, token);
    Ok(order)
}

#[idempotent(store = *IDEM, scope = "checkout.refund", token = token.of(user), key = order)]
async fn refund(user: u64, order: u64, token: Token) -> Result<u64, idem::Error> {
    let _ = (user, token);
    Ok(order)
}

fn main() {}
