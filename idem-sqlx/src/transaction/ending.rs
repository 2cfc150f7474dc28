//! The ends of a transaction, so that its connection goes back to the pool only if another call can use it, and the caller does not
//! wait for a server that does not answer.

use std::error::Error;
use std::time::Duration;

use sqlx::{Connection as _, Database, Pool, Transaction};

use super::{TransactionDatabase, cause};
use crate::borrowed::{CLOSING, Deadline};
use crate::spare;

/// How long a rollback may take before its connection is closed instead.
const ROLLBACK_LIMIT: Duration = Duration::from_secs(5);
/// The pause between two tries to connect to a server that cannot be reached.
const PAUSE: Duration = Duration::from_secs(1);
/// How often that is tried. Each try takes as long as the pool would.
const TRIES: u32 = 60;

/// Rolls back. What cannot be rolled back on this connection is when it closes.
pub(crate) async fn roll_back<DB: TransactionDatabase>(pool: &Pool<DB>, mut tx: Transaction<'static, DB>, fate: Fate) {
    // sqlx does not give back the transaction that a rollback was begun on, so whether the server answers is asked before.
    let limit = Deadline::after(ROLLBACK_LIMIT);
    if fate == Fate::Ended || limit.of(tx.ping()).await.is_none() {
        return replace(pool, tx);
    }
    let _ = limit.of(tx.rollback()).await;
}

/// What becomes of a session after its transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// Another call may be given it.
    GoesOn,
    /// It is closed.
    Ended,
}

impl Fate {
    pub(crate) fn after<DB: TransactionDatabase>(error: &(dyn Error + 'static)) -> Self {
        if cause::ends_session::<DB>(error) { Self::Ended } else { Self::GoesOn }
    }
}

/// Gives the pool another connection in place of that of a transaction, and closes it.
///
/// sqlx does not take a connection out of a transaction, but exchanges it. Until there is another one, its place in the pool is
/// kept: nobody could use it.
fn replace<DB: TransactionDatabase>(pool: &Pool<DB>, mut tx: Transaction<'static, DB>) {
    if !DB::is_shared(&pool.connect_options()) {
        return;
    }
    let pool = pool.clone();
    tokio::spawn(async move {
        let Some(new) = another(&pool).await else { return };
        let old = std::mem::replace(&mut *tx, new);
        drop(tx);
        // Its place in the pool is free, whether or not the server hears of it.
        let _ = tokio::time::timeout(CLOSING, old.close()).await;
    });
}

/// A new connection, made as those of the pool are.
async fn another<DB: Database>(pool: &Pool<DB>) -> Option<DB::Connection> {
    let other = spare::of_one(pool);
    for _ in 0..TRIES {
        if let Ok(connection) = other.acquire().await {
            return Some(connection.detach());
        }
        if pool.is_closed() {
            return None;
        }
        tokio::time::sleep(PAUSE).await;
    }
    None
}
