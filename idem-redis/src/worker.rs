//! The one thread of a process that talks to Redis, for all stores.
//!
//! A connection makes progress only where its task runs, and so does whatever waits to be sent. A body may block any thread
//! of the application, and a runtime of the application may end. So none of that is left there.

use std::future::pending;
use std::io;
use std::mem::forget;
use std::sync::{Mutex, PoisonError};

use tokio::runtime::{Builder, Handle};

/// The thread's runtime, and the process that it was started in.
static WORKER: Mutex<Option<(u32, Handle)>> = Mutex::new(None);

/// The runtime of the thread, which is started at the first call. A thread does not survive a fork, so the child starts one
/// of its own.
///
/// # Errors
///
/// If the thread cannot be started now. The next call tries again.
pub(crate) fn runtime() -> io::Result<Handle> {
    let process = std::process::id();
    // Nothing panics under this lock, so a poisoned one protects nothing.
    let mut worker = WORKER.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some((of, runtime)) = &*worker
        && *of == process
    {
        return Ok(runtime.clone());
    }
    let runtime = Builder::new_current_thread().enable_all().build()?;
    let handle = runtime.handle().clone();
    std::thread::Builder::new().name("idem-redis".into()).spawn(move || runtime.block_on(pending::<()>()))?;
    // The parent's is left alone: its locks may be held by threads that do not exist here.
    forget(worker.replace((process, handle.clone())));
    Ok(handle)
}
