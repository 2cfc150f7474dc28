//! One keeper for each process.
//!
//! A fork copies everything but threads. A process that finds that it is another one starts a keeper of its own, and leaves that
//! of its parent alone. The keeper has the locks of the engine, so they are of one process. Those of `site.rs`, held for an instant at
//! the beginning of a call, are not: so a process forks while no call begins.

use std::sync::{Mutex, OnceLock, PoisonError};

use crate::StoreError;

use super::keeper::Keeper;

/// A process, and those that were forked off it, one after the other.
struct Process {
    id: u32,
    keeper: OnceLock<&'static Keeper>,
    starting: Mutex<()>,
    fork: OnceLock<Box<Process>>,
}

static FIRST: OnceLock<Process> = OnceLock::new();

/// The keeper of this process, whose number is `id`, started at the first call. One that cannot be started now is tried again by
/// the next call.
pub(super) fn keeper(id: u32) -> Result<&'static Keeper, StoreError> {
    let mut process = FIRST.get_or_init(|| Process::of(id));
    while process.id != id {
        process = process.fork.get_or_init(|| Box::new(Process::of(id)));
    }
    match process.keeper.get() {
        Some(keeper) => Ok(keeper),
        None => process.start(),
    }
}

impl Process {
    fn of(id: u32) -> Self {
        Self { id, keeper: OnceLock::new(), starting: Mutex::default(), fork: OnceLock::new() }
    }

    fn start(&self) -> Result<&'static Keeper, StoreError> {
        let _starting = self.starting.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(keeper) = self.keeper.get() {
            return Ok(keeper);
        }
        let keeper = Keeper::start(self.id).map_err(|error| {
            let what = "the thread that renews leases could not be started; see how many threads and files are allowed";
            StoreError::not_now(what, Some(error.into()))
        })?;
        Ok(self.keeper.get_or_init(|| keeper))
    }
}
