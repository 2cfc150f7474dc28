//! All who are not logged in would be one user.

use idem::{Token, idempotent};

static IDEM: std::sync::LazyLock<idem::MemoryStore> = std::sync::LazyLock::new(idem::MemoryStore::new);

#[idempotent(store = *IDEM, scope = "checkout.pay", token = token.of(user))]
async fn pay(user: Option<u64>, token: Token) -> Result<u64, idem::Error> {
    Ok(user.unwrap_or_default())
}

fn main() {}
