//! Whether a body calls its own operation with its own key.

use std::cell::RefCell;

use crate::Key;

thread_local! {
    /// The keys of the bodies that this thread is polling, the innermost last.
    static RUNNING: RefCell<Vec<Key>> = const { RefCell::new(Vec::new()) };
}

/// Polls the body of `key`.
pub(super) fn within<R>(key: &Key, poll: impl FnOnce() -> R) -> R {
    RUNNING.with_borrow_mut(|running| running.push(key.clone()));
    let _leave = Leave;
    poll()
}

/// Whether the body of `key` is being polled around this call. Work that a body hands to another task is not seen.
pub(super) fn is_running(key: &Key) -> bool {
    RUNNING.with_borrow(|running| running.contains(key))
}

/// Leaves the body also when it panics.
struct Leave;

impl Drop for Leave {
    fn drop(&mut self) {
        RUNNING.with_borrow_mut(Vec::pop);
    }
}
