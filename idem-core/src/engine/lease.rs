//! The lease of one running claim, shared by the attempt, the keeper and the body.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::sync::Notify;

use crate::{Claim, Store};

/// A claim under its lease, and whether it was lost.
pub(crate) struct Lease {
    store: Arc<dyn Store>,
    claim: Claim,
    duration: Duration,
    lost: AtomicBool,
    changed: Notify,
}

impl Lease {
    pub(super) fn new(store: Arc<dyn Store>, claim: Claim, duration: Duration) -> Self {
        Self { store, claim, duration, lost: AtomicBool::new(false), changed: Notify::new() }
    }

    pub(super) fn store(&self) -> &Arc<dyn Store> {
        &self.store
    }

    pub(crate) fn claim(&self) -> &Claim {
        &self.claim
    }

    pub(super) fn duration(&self) -> Duration {
        self.duration
    }

    pub(crate) fn is_lost(&self) -> bool {
        self.lost.load(Ordering::Acquire)
    }

    /// Waits until the claim is lost.
    pub(crate) async fn lost(&self) {
        loop {
            let changed = self.changed.notified();
            if self.is_lost() {
                return;
            }
            changed.await;
        }
    }

    /// Tells everybody that the claim is lost.
    pub(super) fn lose(&self) {
        self.lost.store(true, Ordering::Release);
        self.changed.notify_waiters();
    }
}
