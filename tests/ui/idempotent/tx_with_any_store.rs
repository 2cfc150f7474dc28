//! A store of any kind does not say which transactions it joins.

use std::sync::Arc;

use idem::{Store, idempotent};
use sqlx::{Sqlite, Transaction};

#[idempotent(store = idem, key = id, tx = tx)]
async fn charge(idem: &Arc<dyn Store>, tx: &mut Transaction<'_, Sqlite>, id: u64) -> Result<u64, idem::Error> {
    let _ = tx;
    Ok(id)
}

fn main() {}
