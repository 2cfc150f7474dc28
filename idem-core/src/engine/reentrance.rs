//! Whether a body calls its own operation with its own key.

use std::cell::RefCell;

use crate::{Claim, ClaimId, Key};

thread_local! {
    /// The claims of the bodies that this thread is polling, the innermost last.
    static RUNNING: RefCell<Vec<Running>> = const { RefCell::new(Vec::new()) };
}

struct Running {
    key: Key,
    claim_id: ClaimId,
    /// Whether the last inner call that answered in this poll was refused.
    is_refused_inside: bool,
}

/// The body of `claim` is being polled until the guard is dropped.
pub(super) fn enter(claim: &Claim) -> Entered {
    let running = Running { key: claim.key.clone(), claim_id: claim.claim_id, is_refused_inside: false };
    RUNNING.with_borrow_mut(|all| all.push(running));
    Entered
}

/// Whether any body is being polled around this call.
pub(super) fn is_inside() -> bool {
    RUNNING.with_borrow(|running| !running.is_empty())
}

/// Whether a body of `key` is being polled around this call, on whatever store. Work that a body hands to another task is not
/// seen.
pub(super) fn is_running(key: &Key) -> bool {
    RUNNING.with_borrow(|all| all.iter().any(|running| running.key == *key))
}

/// Whether the body that holds this claim is being polled around this call.
pub(super) fn is_held(claim_id: ClaimId) -> bool {
    RUNNING.with_borrow(|all| all.iter().any(|running| running.claim_id == claim_id))
}

/// Tells the body that is being polled around this call, if there is one, how the call was answered.
pub(super) fn answered(is_refused: bool) {
    RUNNING.with_borrow_mut(|all| {
        if let Some(around) = all.last_mut() {
            around.is_refused_inside = is_refused;
        }
    });
}

/// The key of the body that is being polled around this call, the innermost of them.
///
/// Inside a body of an idempotent operation this is the key of its call, the same in every attempt. Work that a body hands
/// to another task is not seen.
///
/// ```
/// use idem_core::{MemoryStore, Operation, running_key};
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), idem_core::Error> {
/// let pay = Operation::new("orders.pay", "order-17").run(&MemoryStore::new(), async |_| {
///     let key = running_key().expect("inside a body");
///     Ok::<_, idem_core::Error>(format!("{} {}", key.scope().as_str(), key.text()))
/// });
/// assert_eq!(pay.await?.into_inner(), r#"orders.pay "order-17""#);
/// assert!(running_key().is_none());
/// # Ok(()) }
/// ```
#[must_use]
pub fn running_key() -> Option<Key> {
    RUNNING.with_borrow(|all| all.last().map(|running| running.key.clone()))
}

/// Leaves the body also when it panics.
pub(super) struct Entered;

impl Entered {
    /// Leaves the body, and says whether an inner call was refused in this poll and none was answered after it. An error that
    /// the body returns now is about that refusal.
    pub(super) fn leave(self) -> bool {
        let is_refused_inside = RUNNING.with_borrow(|all| all.last().is_some_and(|running| running.is_refused_inside));
        drop(self);
        is_refused_inside
    }
}

impl Drop for Entered {
    fn drop(&mut self) {
        RUNNING.with_borrow_mut(Vec::pop);
    }
}
