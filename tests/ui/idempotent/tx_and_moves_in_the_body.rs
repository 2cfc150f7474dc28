//! The body borrows and moves as without the attribute.

use idem::idempotent;
use sqlx::{Sqlite, Transaction};

static IDEM: std::sync::LazyLock<idem::SqliteStore> = std::sync::LazyLock::new(|| unreachable!());

#[idempotent(store = *IDEM, key = id, tx = tx, context = execution)]
async fn charge(tx: &mut Transaction<'_, Sqlite>, id: u64, name: String, count: u64) -> Result<u64, idem::Error> {
    let _ = tx;
    drop(name);
    drop(name);
    count += id;
    Ok(count)
}

fn main() {}
