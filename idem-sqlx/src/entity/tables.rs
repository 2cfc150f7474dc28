//! What is known of the tables of a pool.

use std::any::{Any, TypeId};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use sqlx::{Connection, Pool};

use super::Database;

/// Whether a table has triggers that change what a write has written.
///
/// A write that stands alone tells what it has written before such triggers run, and after them somebody else may have
/// written too. So it gets a transaction, in which the row is read again, until it is known that there are none.
pub(super) static HAS_TRIGGERS: Tables = Tables(Mutex::new(Vec::new()));

/// Whether a constraint of an audit guards the keys that fence events, where an insert does not tell by itself.
pub(super) static IS_GUARDED: Tables = Tables(Mutex::new(Vec::new()));

/// Whether a table has a unique constraint over the columns by which its rows are known.
pub(super) static IS_UNIQUE: Tables = Tables(Mutex::new(Vec::new()));

/// As [`IS_UNIQUE`], for the transactions of callers, which do not tell which database they are in: what was found once is taken
/// to hold for all tables of that name.
pub(super) static IS_UNIQUE_SOMEWHERE: Names = Names(Mutex::new(Vec::new()));

/// Names of tables, by the kind of their database.
pub(super) struct Names(Mutex<Vec<(TypeId, &'static str)>>);

impl Names {
    pub(super) fn has<DB: Database>(&self, table: &'static str) -> bool {
        self.names().contains(&(TypeId::of::<DB>(), table))
    }

    pub(super) fn add<DB: Database>(&self, table: &'static str) {
        let mut names = self.names();
        if !names.contains(&(TypeId::of::<DB>(), table)) {
            names.push((TypeId::of::<DB>(), table));
        }
    }

    fn names(&self) -> MutexGuard<'_, Vec<(TypeId, &'static str)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Tables of which something is known.
pub(super) struct Tables(Mutex<Vec<Known>>);

struct Known {
    /// The options of the pool, by whose place in memory it is known as long as this is here.
    pool: Weak<dyn Any + Send + Sync>,
    table: &'static str,
    is_so: bool,
}

impl Tables {
    /// What is known of a table.
    pub(super) fn know<DB: Database>(&self, pool: &Pool<DB>, table: &str) -> Option<bool> {
        let options = options(pool);
        let tables = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        tables.iter().find(|known| known.is(&options, table)).map(|known| known.is_so)
    }

    /// Remembers it.
    pub(super) fn learn<DB: Database>(&self, pool: &Pool<DB>, table: &'static str, is_so: bool) {
        let options = options(pool);
        let mut tables = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = tables.iter_mut().find(|known| known.is(&options, table)) {
            known.is_so = is_so;
            return;
        }
        tables.retain(|known| known.pool.strong_count() > 0);
        let options: Arc<dyn Any + Send + Sync> = options;
        tables.push(Known { pool: Arc::downgrade(&options), table, is_so });
    }
}

impl Known {
    fn is(&self, pool: &Arc<impl Any + Send + Sync>, table: &str) -> bool {
        std::ptr::addr_eq(self.pool.as_ptr(), Arc::as_ptr(pool)) && self.table == table
    }
}

fn options<DB: Database>(pool: &Pool<DB>) -> Arc<<DB::Connection as Connection>::Options> {
    pool.connect_options()
}
