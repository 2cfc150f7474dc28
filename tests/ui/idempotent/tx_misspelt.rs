//! Other names for a transaction.

use idem::idempotent;
use sqlx::{Sqlite, Transaction};

static IDEM: std::sync::LazyLock<idem::SqliteStore> = std::sync::LazyLock::new(|| unreachable!());

#[idempotent(store = *IDEM, key = id, transaction = tx)]
async fn with_transaction(tx: &mut Transaction<'_, Sqlite>, id: u64) -> Result<u64, idem::Error> {
    let _ = tx;
    Ok(id)
}

#[idempotent(store = *IDEM, key = id, txn = tx)]
async fn with_txn(tx: &mut Transaction<'_, Sqlite>, id: u64) -> Result<u64, idem::Error> {
    let _ = tx;
    Ok(id)
}

#[idempotent(store = *IDEM, key = id, in_tx = tx)]
async fn with_in_tx(tx: &mut Transaction<'_, Sqlite>, id: u64) -> Result<u64, idem::Error> {
    let _ = tx;
    Ok(id)
}

#[idempotent(store = *IDEM, key = id, conn = tx)]
async fn with_conn(tx: &mut Transaction<'_, Sqlite>, id: u64) -> Result<u64, idem::Error> {
    let _ = tx;
    Ok(id)
}

#[idempotent(store = *IDEM, key = id, connection = tx)]
async fn with_connection(tx: &mut Transaction<'_, Sqlite>, id: u64) -> Result<u64, idem::Error> {
    let _ = tx;
    Ok(id)
}

#[idempotent(store = *IDEM, key = id, rx = tx)]
async fn with_rx(tx: &mut Transaction<'_, Sqlite>, id: u64) -> Result<u64, idem::Error> {
    let _ = tx;
    Ok(id)
}

fn main() {}
