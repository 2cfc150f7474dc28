//! A store around a store: it logs the claims that it hands out, and springs the trap before and after each write.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use idem::{
    Claim, ClaimDecision, ClaimId, ClaimRequest, Extension, IssueDecision, Key, Listener, Observed, Outcome,
    Resolution, Store, StoreError,
};

use crate::fault::{Point, Trap};
use crate::journal::{Entry, Journal};

/// From this answer on, a caller that is told to wait really does: the engine asks twice before it first pauses.
const WAITS: u32 = 3;

pub(crate) struct FaultyStore {
    inner: Arc<dyn Store>,
    journal: Arc<Journal>,
    trap: Arc<Trap>,
    told_to_wait: AtomicU32,
}

impl FaultyStore {
    pub(crate) fn new(inner: Arc<dyn Store>, journal: Arc<Journal>, trap: Arc<Trap>) -> Self {
        Self { inner, journal, trap, told_to_wait: AtomicU32::new(0) }
    }

    async fn tell(&self, decision: &ClaimDecision) {
        match decision {
            ClaimDecision::Acquired(claim) => {
                self.journal.append(&Entry::Claimed {
                    order: order_of(&claim.key),
                    fence: claim.fence.number(),
                    attempt: claim.attempt,
                    origin: format!("{:?}", claim.origin),
                });
                self.trap.reach(Point::AfterClaim).await;
            }
            ClaimDecision::InProgress { .. } if self.told_to_wait.fetch_add(1, Ordering::SeqCst) + 1 >= WAITS => {
                self.trap.reach(Point::WhileWaiting).await;
            }
            _ => {}
        }
    }
}

/// The order of a key: every operation here has an order's number as its key.
pub(crate) fn order_of(key: &Key) -> u32 {
    key.text().parse().expect("a key is the number of an order")
}

#[async_trait]
impl Store for FaultyStore {
    async fn claim(&self, request: &ClaimRequest) -> Result<ClaimDecision, StoreError> {
        self.trap.reach(Point::BeforeClaim).await;
        let decision = self.inner.claim(request).await?;
        self.tell(&decision).await;
        Ok(decision)
    }

    async fn extend(&self, claim: &Claim, lease: Duration) -> Result<(), StoreError> {
        self.trap.reach(Point::BeforeExtend).await;
        self.inner.extend(claim, lease).await?;
        self.trap.reach(Point::AfterExtend).await;
        Ok(())
    }

    async fn extend_all(&self, extensions: &[Extension]) -> Vec<Result<(), StoreError>> {
        self.trap.reach(Point::BeforeExtend).await;
        let answers = self.inner.extend_all(extensions).await;
        self.trap.reach(Point::AfterExtend).await;
        answers
    }

    async fn complete(&self, claim: &Claim, outcome: &Outcome, retention: Duration) -> Result<(), StoreError> {
        self.trap.reach(Point::BeforeComplete).await;
        self.inner.complete(claim, outcome, retention).await?;
        self.trap.reach(Point::AfterComplete).await;
        Ok(())
    }

    async fn release(&self, claim: &Claim) -> Result<(), StoreError> {
        self.trap.reach(Point::BeforeRelease).await;
        self.inner.release(claim).await?;
        self.trap.reach(Point::AfterRelease).await;
        Ok(())
    }

    async fn abandon(&self, claim: &Claim) -> Result<(), StoreError> {
        self.inner.abandon(claim).await
    }

    async fn issue(&self, key: &Key, lifetime: Duration) -> Result<IssueDecision, StoreError> {
        self.inner.issue(key, lifetime).await
    }

    async fn lookup(&self, key: &Key) -> Result<Option<Observed>, StoreError> {
        self.inner.lookup(key).await
    }

    async fn resolve(&self, key: &Key, claim_id: ClaimId, resolution: &Resolution) -> Result<(), StoreError> {
        self.inner.resolve(key, claim_id, resolution).await
    }

    async fn purge_expired(&self, limit: u32) -> Result<u64, StoreError> {
        self.inner.purge_expired(limit).await
    }

    fn listen(&self, key: &Key) -> Option<Box<dyn Listener>> {
        self.inner.listen(key)
    }
}
