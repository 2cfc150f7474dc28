//! A store around the one in memory, which has no disk that fills and no server that fails over: it answers as one that has.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use idem::{
    Claim, ClaimDecision, ClaimId, ClaimRequest, Extension, IssueDecision, Key, Listener, MemoryStore, Observed,
    Outcome, Resolution, Store, StoreError,
};

use crate::blow::Blow;
use crate::weather::Weather;

/// One acknowledgement in so many is lost.
const LOSES_ONE_IN: u64 = 150;

pub(crate) struct Moody {
    inner: MemoryStore,
    weather: Weather,
    /// Whether it acknowledges completions that it has not kept: a store that is broken.
    forgets: bool,
    writes: AtomicU64,
}

/// What a write is for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Write {
    Holds,
    Finishes,
}

impl Moody {
    pub(crate) fn new(weather: Weather, forgets: bool) -> Self {
        Self { inner: MemoryStore::new(), weather, forgets, writes: AtomicU64::new(0) }
    }

    /// Waits for a lock, or refuses, as the weather is.
    async fn before(&self, write: Write) -> Result<(), StoreError> {
        loop {
            let finishes = write == Write::Finishes;
            match self.weather.now() {
                Some(Blow::Locked) => tokio::time::sleep(Duration::from_millis(5)).await,
                Some(Blow::Parted) => return Err(StoreError::unavailable("nobody answers")),
                Some(Blow::ReadOnly) => return Err(StoreError::not_now("it only reads", None)),
                Some(Blow::Full) if finishes => return Err(StoreError::not_now("it is full", None)),
                Some(Blow::Forbidden) if finishes => return Err(StoreError::refused("it may not", None)),
                _ => return Ok(()),
            }
        }
    }

    /// An answer that may be lost.
    fn after<T>(&self, answer: T) -> Result<T, StoreError> {
        let number = self.writes.fetch_add(1, Ordering::Relaxed);
        if number % LOSES_ONE_IN == 7 {
            return Err(StoreError::unavailable("the answer is lost"));
        }
        Ok(answer)
    }
}

#[async_trait]
impl Store for Moody {
    async fn claim(&self, request: &ClaimRequest) -> Result<ClaimDecision, StoreError> {
        self.before(Write::Holds).await?;
        self.after(self.inner.claim(request).await?)
    }

    async fn extend(&self, claim: &Claim, lease: Duration) -> Result<(), StoreError> {
        self.before(Write::Holds).await?;
        self.inner.extend(claim, lease).await
    }

    async fn extend_all(&self, extensions: &[Extension]) -> Vec<Result<(), StoreError>> {
        let mut answers = Vec::new();
        for Extension { claim, lease } in extensions {
            answers.push(self.extend(claim, *lease).await);
        }
        answers
    }

    async fn complete(&self, claim: &Claim, outcome: &Outcome, retention: Duration) -> Result<(), StoreError> {
        if self.forgets {
            return self.inner.release(claim).await;
        }
        self.before(Write::Finishes).await?;
        self.after(self.inner.complete(claim, outcome, retention).await?)
    }

    async fn release(&self, claim: &Claim) -> Result<(), StoreError> {
        self.before(Write::Finishes).await?;
        self.after(self.inner.release(claim).await?)
    }

    async fn abandon(&self, claim: &Claim) -> Result<(), StoreError> {
        self.before(Write::Finishes).await?;
        self.after(self.inner.abandon(claim).await?)
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
