//! The body is checked as without the attribute.

use idem::idempotent;
use sqlx::{Sqlite, Transaction};

static IDEM: std::sync::LazyLock<idem::SqliteStore> = std::sync::LazyLock::new(|| unreachable!());

#[idempotent(store = *IDEM, key = id, tx = tx)]
async fn charge(tx: &mut Transaction<'_, Sqlite>, id: u64) -> Result<u64, idem::Error> {
    sqlx::query("SELECT 1").execute(&mut **tx).await?;
    Ok(id)
}

#[idempotent(store = *IDEM, key = id, tx = tx)]
async fn another_type(tx: &mut Transaction<'_, Sqlite>, id: u64) -> Result<u64, idem::Error> {
    drop(tx);
    id
}

#[idempotent(store = *IDEM, key = id, tx = tx)]
async fn unknown_name(tx: &mut Transaction<'_, Sqlite>, id: u64) -> Result<u64, idem::Error> {
    apply(tx, id).await
}

fn main() {}
