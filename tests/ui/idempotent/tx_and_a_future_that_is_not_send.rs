//! Where the body is not `Send`, the future is not, and the body is what is reported.

use idem::idempotent;
use sqlx::{Sqlite, Transaction};

static IDEM: std::sync::LazyLock<idem::SqliteStore> = std::sync::LazyLock::new(|| unreachable!());

#[idempotent(store = *IDEM, key = id, tx = tx)]
async fn charge(tx: &mut Transaction<'_, Sqlite>, id: u64) -> Result<u64, idem::Error> {
    let receipt = std::rc::Rc::new(id);
    let _ = tx;
    std::future::ready(()).await;
    Ok(*receipt)
}

fn spawn(_: impl Send) {}

fn call(tx: &mut Transaction<'_, Sqlite>) {
    spawn(charge(tx, 1));
}

fn main() {}
