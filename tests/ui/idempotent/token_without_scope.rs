//! Tokens are issued for an operation by its name, so it has one that does not change with the function.

use idem::{Token, idempotent};

static IDEM: std::sync::LazyLock<idem::MemoryStore> = std::sync::LazyLock::new(idem::MemoryStore::new);

#[idempotent(store = *IDEM, token = token.of(user))]
async fn pay(user: u64, token: Token) -> Result<u64, idem::Error> {
    let _ = token;
    Ok(user)
}

fn main() {}
