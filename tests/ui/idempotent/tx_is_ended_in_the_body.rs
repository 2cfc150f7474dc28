//! The transaction is its caller's to end.

use idem::idempotent;
use sqlx::{Sqlite, Transaction};

static IDEM: std::sync::LazyLock<idem::SqliteStore> = std::sync::LazyLock::new(|| unreachable!());

#[idempotent(store = *IDEM, key = id, tx = tx)]
async fn charge(tx: &mut Transaction<'_, Sqlite>, id: u64) -> Result<u64, AnyError> {
    tx.commit().await?;
    Ok(id)
}

#[idempotent(store = *IDEM, key = id, tx = &mut tx)]
async fn owned(mut tx: Transaction<'_, Sqlite>, id: u64) -> Result<u64, AnyError> {
    sqlx::query("SELECT 1").execute(&mut *tx).await?;
    tx.commit().await?;
    Ok(id)
}

#[idempotent(store = *IDEM, key = id, tx = tx)]
async fn given_away(tx: &mut Transaction<'_, Sqlite>, id: u64) -> Result<u64, AnyError> {
    let elsewhere = tx;
    tokio_like_spawn(async move { drop(elsewhere) });
    drop(tx);
    Ok(id)
}

fn tokio_like_spawn(_: impl Future) {}

type AnyError = Box<dyn std::error::Error + Send + Sync>;

fn main() {}
