//! One connection more, for the engine's own thread.
//!
//! A connection to a server makes progress only while the runtime that opened it does. The thread that renews leases has a
//! runtime of its own, so that a body may block all others; but then the connections of the application's pool stand
//! still for it, as they are not to be had when bodies hold them all. A renewal that has no answer through the pool in
//! time goes through this connection, which is opened when that happens for the first time.

use std::sync::OnceLock;
use std::time::Duration;

use sqlx::{Database, Pool};

use crate::backend::Backend;

/// The part of a lease that a renewal waits for the pool: half of what the engine waits for the renewal.
const PART: u32 = 6;
/// A shorter lease leaves no time for a second attempt.
const SHORTEST_LEASE: Duration = Duration::from_secs(1);

/// How long a renewal waits for the application's pool; `None` if nothing else would help.
pub(crate) fn patience<B: Backend>(lease: Duration) -> Option<Duration> {
    (B::NEEDS_ITS_RUNTIME && lease >= SHORTEST_LEASE).then(|| lease / PART)
}

/// A pool of one connection, with the options of another pool.
pub(crate) struct Spare<DB: Database>(OnceLock<Pool<DB>>);

impl<DB: Database> Spare<DB> {
    pub(crate) fn of(&self, pool: &Pool<DB>) -> &Pool<DB> {
        self.0.get_or_init(|| {
            let options = pool.options().clone().min_connections(0).max_connections(1);
            options.connect_lazy_with(pool.connect_options().as_ref().clone())
        })
    }
}

impl<DB: Database> Default for Spare<DB> {
    fn default() -> Self {
        Self(OnceLock::new())
    }
}
