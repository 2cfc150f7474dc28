//! The one thread of a process that talks to Redis, for all stores.
//!
//! A connection makes progress only where its task runs, and so does whatever waits to be sent. A body may block any thread
//! of the application, and a runtime of the application may end. So none of that is left there.

use std::future::pending;
use std::io;
use std::mem::forget;
use std::sync::OnceLock;

use tokio::runtime::{Builder, Handle};

/// What there is once in each process. A fork copies everything but threads, so the child makes its own, and leaves that of its
/// parent alone: its locks may be held by threads that do not exist there.
pub(crate) struct PerProcess<T> {
    process: u32,
    value: OnceLock<T>,
    fork: OnceLock<Box<Self>>,
}

impl<T> PerProcess<T> {
    pub(crate) fn new() -> Self {
        Self { process: std::process::id(), value: OnceLock::new(), fork: OnceLock::new() }
    }

    /// The value of this process, made if there is none. If two make it at once, one of them is dropped.
    pub(crate) fn get_or_make<E>(&self, make: impl FnOnce() -> Result<T, E>) -> Result<&T, E> {
        let process = std::process::id();
        let mut here = self;
        while here.process != process {
            here = here.fork.get_or_init(|| Box::new(Self::new()));
        }
        if let Some(value) = here.value.get() {
            return Ok(value);
        }
        let value = make()?;
        Ok(here.value.get_or_init(|| value))
    }
}

impl<T> Drop for PerProcess<T> {
    fn drop(&mut self) {
        if self.process != std::process::id() {
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
    static WORKER: OnceLock<PerProcess<Handle>> = OnceLock::new();

    WORKER.get_or_init(PerProcess::new).get_or_make(|| {
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let handle = runtime.handle().clone();
        std::thread::Builder::new().name("idem-redis".into()).spawn(move || runtime.block_on(pending::<()>()))?;
        Ok(handle)
    })
}
