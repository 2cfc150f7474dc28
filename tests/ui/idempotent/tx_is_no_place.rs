//! The expression is evaluated before and after the body.

use idem::idempotent;
use sqlx::{Sqlite, Transaction};

static IDEM: std::sync::LazyLock<idem::SqliteStore> = std::sync::LazyLock::new(|| unreachable!());

#[idempotent(store = *IDEM, key = id, tx = begin())]
async fn charge(tx: &mut Transaction<'_, Sqlite>, id: u64) -> Result<u64, idem::Error> {
    let _ = tx;
    Ok(id)
}

#[idempotent(store = *IDEM, key = id, tx = { &mut *tx })]
async fn block(tx: &mut Transaction<'_, Sqlite>, id: u64) -> Result<u64, idem::Error> {
    let _ = tx;
    Ok(id)
}

#[idempotent(store = *IDEM, key = id, tx = "tx")]
async fn quoted(tx: &mut Transaction<'_, Sqlite>, id: u64) -> Result<u64, idem::Error> {
    let _ = tx;
    Ok(id)
}

#[idempotent(store = *IDEM, key = id, tx = &tx)]
async fn shared(tx: &mut Transaction<'_, Sqlite>, id: u64) -> Result<u64, idem::Error> {
    let _ = tx;
    Ok(id)
}

#[idempotent(store = *IDEM, key = id, tx = &mut begin())]
async fn borrowed(tx: &mut Transaction<'_, Sqlite>, id: u64) -> Result<u64, idem::Error> {
    let _ = tx;
    Ok(id)
}

#[idempotent(store = *IDEM, key = id, tx = sqlx::begin)]
async fn path(tx: &mut Transaction<'_, Sqlite>, id: u64) -> Result<u64, idem::Error> {
    let _ = tx;
    Ok(id)
}

fn main() {}
