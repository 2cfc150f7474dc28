//! What is known of the tables of a pool: whether one of them has triggers that change what a write has written.
//!
//! A write that stands alone tells what it has written before such triggers run, and after them somebody else may have
//! written too. So it gets a transaction, in which the row is read again, until it is known that there are none.

use std::any::Any;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use sqlx::{Connection, Pool};

use super::Database;

static KNOWN: Mutex<Vec<Known>> = Mutex::new(Vec::new());

struct Known {
    /// The options of the pool, by whose place in memory it is known as long as this is here.
    pool: Weak<dyn Any + Send + Sync>,
    table: &'static str,
    has_triggers: bool,
}

impl Known {
    fn is(&self, pool: &Arc<impl Any + Send + Sync>, table: &str) -> bool {
        std::ptr::addr_eq(self.pool.as_ptr(), Arc::as_ptr(pool)) && self.table == table
    }
}

/// Whether the table is known to have no triggers that change what a write has written.
pub(super) fn have_no_triggers<DB: Database>(pool: &Pool<DB>, table: &'static str) -> bool {
    let options = options(pool);
    let known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    known.iter().any(|known| known.is(&options, table) && !known.has_triggers)
}

/// Remembers whether the table has such triggers.
pub(super) fn learn<DB: Database>(pool: &Pool<DB>, table: &'static str, has_triggers: bool) {
    let options = options(pool);
    let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(known) = known.iter_mut().find(|known| known.is(&options, table)) {
        known.has_triggers = has_triggers;
        return;
    }
    known.retain(|known| known.pool.strong_count() > 0);
    let options: Arc<dyn Any + Send + Sync> = options;
    known.push(Known { pool: Arc::downgrade(&options), table, has_triggers });
}

fn options<DB: Database>(pool: &Pool<DB>) -> Arc<<DB::Connection as Connection>::Options> {
    pool.connect_options()
}
