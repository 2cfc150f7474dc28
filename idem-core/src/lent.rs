//! Something borrowed that finds its way back.

use std::fmt;
use std::ops::{Deref, DerefMut};
use std::sync::{Arc, Mutex, PoisonError};

type Place<H> = Arc<Mutex<Option<H>>>;

/// A transaction that a body may use, and that goes back to its owner when the body is done with it.
///
/// It dereferences to the transaction: pass `&mut tx` on. It is lent by value, and not as a reference, because the
/// future of a closure that takes a reference of any lifetime cannot be `Send`, and then no web framework takes it.
pub struct Lent<H> {
    /// Absent only while it is dropped.
    handle: Option<H>,
    place: Place<H>,
}

/// Where what was lent comes back to.
#[derive(Debug)]
pub struct Lender<H>(Place<H>);

impl<H> Lent<H> {
    /// Lends `handle` out.
    pub fn lend(handle: H) -> (Self, Lender<H>) {
        let place = Place::default();
        (Self { handle: Some(handle), place: Arc::clone(&place) }, Lender(place))
    }
}

impl<H> Lender<H> {
    /// What was lent, unless somebody still has it.
    #[must_use]
    pub fn returned(&self) -> Option<H> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

impl<H: Deref> Deref for Lent<H> {
    type Target = H::Target;

    fn deref(&self) -> &H::Target {
        self.handle.as_ref().expect("a handle is there until the drop")
    }
}

impl<H: DerefMut> DerefMut for Lent<H> {
    fn deref_mut(&mut self) -> &mut H::Target {
        self.handle.as_mut().expect("a handle is there until the drop")
    }
}

impl<H> Drop for Lent<H> {
    fn drop(&mut self) {
        *self.place.lock().unwrap_or_else(PoisonError::into_inner) = self.handle.take();
    }
}

impl<H> fmt::Debug for Lent<H> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Lent").finish_non_exhaustive()
    }
}
