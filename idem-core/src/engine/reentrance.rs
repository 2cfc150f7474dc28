//! Whether a body calls its own operation with its own key.

use std::cell::RefCell;

use crate::Key;

thread_local! {
    /// The keys of the bodies that this thread is polling, the innermost last.
    static RUNNING: RefCell<Vec<Key>> = const { RefCell::new(Vec::new()) };
}

/// The body of `key` is being polled until the guard is dropped.
pub(super) fn enter(key: &Key) -> Entered {
    RUNNING.with_borrow_mut(|running| running.push(key.clone()));
    Entered
}

/// Whether the body of `key` is being polled around this call. Work that a body hands to another task is not seen.
pub(super) fn is_running(key: &Key) -> bool {
    RUNNING.with_borrow(|running| running.contains(key))
}

/// Leaves the body also when it panics.
pub(super) struct Entered;

impl Drop for Entered {
    fn drop(&mut self) {
        RUNNING.with_borrow_mut(Vec::pop);
    }
}
