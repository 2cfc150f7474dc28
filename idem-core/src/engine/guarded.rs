//! A body under its claim.

use std::pin::Pin;
use std::task::{Context, Poll};

use crate::OutcomeKind;

use super::lease::Lease;
use super::{Fate, reentrance};

/// Runs a body until it returns, or until its claim is lost; then it answers `None`, and the body is dropped with it.
pub(super) struct Guarded<'a, Body> {
    lease: &'a Lease,
    body: Pin<&'a mut Body>,
}

/// What a body returned.
pub(super) struct Returned<R> {
    pub(super) value: R,
    /// Whether that is why a call inside the body was refused.
    pub(super) is_refused_inside: bool,
}

impl<R> Returned<R> {
    /// What becomes of it, where its policy says `fate`.
    pub(super) fn fate(&self, kind: OutcomeKind, fate: Fate) -> Fate {
        match fate {
            // Another call is in progress, say: that is not what this body has come to, and is over soon.
            Fate::Keep if kind == OutcomeKind::Error && self.is_refused_inside => Fate::Release,
            fate => fate,
        }
    }
}

impl<'a, Body> Guarded<'a, Body> {
    pub(super) fn new(lease: &'a Lease, body: Pin<&'a mut Body>) -> Self {
        Self { lease, body }
    }
}

impl<Body: Future> Future for Guarded<'_, Body> {
    type Output = Option<Returned<Body::Output>>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let entered = reentrance::enter(self.lease.claim());
        let this = &mut *self;
        let polled = this.lease.polling(|| this.body.as_mut().poll(context));
        let is_refused_inside = entered.leave();
        match polled {
            Poll::Ready(value) => Poll::Ready(Some(Returned { value, is_refused_inside })),
            Poll::Pending => self.lease.poll_lost(context).map(|()| None),
        }
    }
}
