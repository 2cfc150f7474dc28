//! The one thread of a process that talks to Redis, for all stores.
//!
//! A connection makes progress only where its task runs, and so does whatever waits to be sent. A body may block any thread
//! of the application, and a runtime of the application may end. So none of that is left there.

use std::future::pending;
use std::io;
use std::mem::forget;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

use tokio::runtime::{Builder, Handle};

/// No process has this number.
const NOBODY: u32 = 0;

/// What there is once in each process. A fork copies everything but threads, so the child makes its own, and leaves that of its
/// parent alone: its locks may be held by threads that do not exist there. So whose it is, no lock says.
pub(crate) struct PerProcess<T> {
    /// The process that used it first, or [`NOBODY`].
    process: AtomicU32,
    value: OnceLock<T>,
    fork: OnceLock<Box<Self>>,
}

impl<T> PerProcess<T> {
    pub(crate) const fn new() -> Self {
        Self { process: AtomicU32::new(NOBODY), value: OnceLock::new(), fork: OnceLock::new() }
    }

    /// The value of this process, made if there is none. If two make it at once, one of them is dropped.
    pub(crate) fn get_or_make<E>(&self, make: impl FnOnce() -> Result<T, E>) -> Result<&T, E> {
        let process = std::process::id();
        let mut here = self;
        while !here.is_of(process) {
            here = here.fork.get_or_init(|| Box::new(Self::new()));
        }
        if let Some(value) = here.value.get() {
            return Ok(value);
        }
        let value = make()?;
        Ok(here.value.get_or_init(|| value))
    }

    fn is_of(&self, process: u32) -> bool {
        let first = self.process.load(Ordering::Relaxed);
        if first != NOBODY {
            return first == process;
        }
        let taken = self.process.compare_exchange(NOBODY, process, Ordering::Relaxed, Ordering::Relaxed);
        taken.is_ok() || taken == Err(process)
    }
}

impl<T> Default for PerProcess<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T> Drop for PerProcess<T> {
    fn drop(&mut self) {
        if *self.process.get_mut() != std::process::id() {
            forget(self.value.take());
        }
    }
}

/// The runtime of the thread, which is started at the first call.
///
/// # Errors
///
/// If the thread cannot be started now. The next call tries again.
pub(crate) fn runtime() -> io::Result<&'static Handle> {
    static WORKER: PerProcess<Handle> = PerProcess::new();

    WORKER.get_or_make(|| {
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let handle = runtime.handle().clone();
        std::thread::Builder::new().name("idem-redis".into()).spawn(move || runtime.block_on(pending::<()>()))?;
        Ok(handle)
    })
}
