//! How often a call begins again, and what is said of it when that was in vain.

use idem_core::StoreError;
use sqlx::{Database, Pool};

use crate::backend::Backend;
use crate::table::Table;

/// How often a race is lost before the caller is told to try again. Each time, somebody else got on.
pub(crate) const MOST_RACES: u32 = 16;
/// How many connections in a row are closed by one call.
const MOST_CONNECTIONS: u32 = 64;

/// The races of one call.
#[derive(Debug)]
pub(crate) struct Races {
    run: u32,
    has_cleared: bool,
    connections: u32,
    /// How often there was nothing to see, and something in the way.
    unseen: u32,
    /// How often the record was there as it should be, and was not written.
    unwritten: u32,
}

impl Races {
    /// Of a call that may go through all the connections that a pool has now, and then open one.
    pub(crate) fn of<DB: Database>(pool: &Pool<DB>) -> Self {
        Self { connections: (pool.size() + 1).min(MOST_CONNECTIONS), ..Self::without_reconnecting() }
    }

    pub(crate) fn without_reconnecting() -> Self {
        Self { run: 0, has_cleared: false, connections: 0, unseen: 0, unwritten: 0 }
    }

    /// Whether to run, once more or for the first time.
    pub(crate) fn go_on(&mut self) -> bool {
        self.run += 1;
        self.run <= MOST_RACES
    }

    /// Whether a race has been lost.
    pub(crate) fn is_late(&self) -> bool {
        self.run > 1
    }

    /// Whether the statements that the session has prepared may be forgotten; once, since that helps or does not.
    pub(crate) fn may_clear(&mut self) -> bool {
        !std::mem::replace(&mut self.has_cleared, true)
    }

    /// Whether to go on with another connection. That is no race.
    pub(crate) fn may_reconnect(&mut self) -> bool {
        if self.connections == 0 {
            return false;
        }
        self.connections -= 1;
        self.run -= 1;
        true
    }

    pub(crate) fn unseen<T>(&mut self) -> Option<T> {
        self.unseen += 1;
        None
    }

    pub(crate) fn unwritten<T>(&mut self) -> Option<T> {
        self.unwritten += 1;
        None
    }

    /// Why the call ends without an answer.
    pub(crate) fn lost<B: Backend>(&self, table: &Table) -> StoreError {
        if self.unseen == MOST_RACES {
            return hidden(table);
        }
        if self.unwritten == MOST_RACES && !B::COUNTS_CHANGES {
            return StoreError::refused(
                format!(
                    "a record of table `{table}` can be seen and not be written; look for row level security and triggers"
                ),
                None,
            );
        }
        too_many_races()
    }
}

/// A row is in the way of an insert, and no query shows it.
pub(crate) fn hidden(table: &Table) -> StoreError {
    StoreError::refused(
        format!(
            "table `{table}` has a record that the database user may not see; let no row level security hide rows of it"
        ),
        None,
    )
}

/// Others wrote the same record each time.
pub(crate) fn too_many_races() -> StoreError {
    StoreError::not_now("others wrote the same record each time; try again", None)
}
