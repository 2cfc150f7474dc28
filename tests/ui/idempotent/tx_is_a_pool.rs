//! A pool has no transaction.

use idem::idempotent;
use sqlx::SqlitePool;

static IDEM: std::sync::LazyLock<idem::SqliteStore> = std::sync::LazyLock::new(|| unreachable!());

#[idempotent(store = *IDEM, key = id, tx = &mut pool)]
async fn charge(mut pool: SqlitePool, id: u64) -> Result<u64, idem::Error> {
    pool.close().await;
    Ok(id)
}

fn main() {}
