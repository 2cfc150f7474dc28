//! A body that writes in a transaction, and an outcome that is stored apart from it.

#![deny(deprecated)]

use idem::idempotent;

static IDEM: std::sync::LazyLock<idem::MemoryStore> = std::sync::LazyLock::new(idem::MemoryStore::new);

use idem::LentTransaction;
use sqlx::{PgConnection, Sqlite, SqliteTransaction};

#[idempotent(store = *IDEM, key = id)]
async fn charge(work: &mut SqliteTransaction<'_>, id: u64) -> Result<u64, idem::Error> {
    let _ = work;
    Ok(id)
}

#[idempotent(store = *IDEM, key = id)]
async fn refund(id: u64, mut tx: LentTransaction<Sqlite>) -> Result<u64, idem::Error> {
    let _ = &mut tx;
    Ok(id)
}

#[idempotent(store = *IDEM, key = id)]
async fn on_a_connection(id: u64, connection: &mut PgConnection) -> Result<u64, idem::Error> {
    let _ = connection;
    Ok(id)
}

#[idempotent(store = *IDEM, key = id, tx = none)]
async fn meant(tx: &mut sqlx::Transaction<'_, Sqlite>, id: u64) -> Result<u64, idem::Error> {
    let _ = tx;
    Ok(id)
}

/// A domain's own.
struct Transaction;

#[idempotent(store = *IDEM, key = id)]
async fn book(transaction: Transaction, id: u64) -> Result<u64, idem::Error> {
    let _ = transaction;
    Ok(id)
}

fn main() {}
