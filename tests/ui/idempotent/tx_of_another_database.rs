//! Two stores cannot share one transaction.

use idem::idempotent;
use sqlx::{Postgres, Transaction};

static IDEM: std::sync::LazyLock<idem::SqliteStore> = std::sync::LazyLock::new(|| unreachable!());

#[idempotent(store = *IDEM, key = id, tx = tx)]
async fn charge(tx: &mut Transaction<'_, Postgres>, id: u64) -> Result<u64, idem::Error> {
    let _ = tx;
    Ok(id)
}

fn main() {}
