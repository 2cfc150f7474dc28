//! A slip of the pen is recognised, and what it was meant to be is not missing.

use idem::{Token, idempotent};

static IDEM: std::sync::LazyLock<idem::MemoryStore> = std::sync::LazyLock::new(idem::MemoryStore::new);

#[idempotent(store = *IDEM, scope = "checkout.pay", tokn = token.of(user))]
async fn pay(user: u64, token: Token) -> Result<u64, idem::Error> {
    let _ = token;
    Ok(user)
}

#[idempotent(store = *IDEM, scope = "checkout.refund", form_token = token.of(user))]
async fn refund(user: u64, token: Token) -> Result<u64, idem::Error> {
    let _ = token;
    Ok(user)
}

fn main() {}
