//! A store that tells of the ends of claims when the test says so.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use idem_core::contract::Faulty;
use idem_core::{
    Claim, ClaimDecision, ClaimId, ClaimRequest, Extension, IssueDecision, Key, Listener, MemoryStore, Observed,
    Outcome, Resolution, Store, StoreError,
};
use tokio::sync::watch;

/// Hands calls on to a memory store by way of one that counts them.
pub(crate) struct Telling {
    pub(crate) counted: Arc<Faulty>,
    /// Whether listeners hear. Each change is a message to all of them.
    pub(crate) hears: watch::Sender<bool>,
    /// How many listeners there have been.
    pub(crate) listened: AtomicUsize,
    /// The threads that serve them.
    pub(crate) threads: watch::Sender<Vec<Option<String>>>,
}

impl Telling {
    pub(crate) fn new(memory: &MemoryStore, hears: bool) -> Arc<Self> {
        Arc::new(Self {
            counted: Faulty::new(Arc::new(memory.clone())),
            hears: watch::Sender::new(hears),
            listened: AtomicUsize::new(0),
            threads: watch::Sender::default(),
        })
    }

    /// A message, which changes nothing else.
    pub(crate) fn tell(&self) {
        self.hears.send_modify(|_| ());
    }

    /// Waits until there are this many listeners. The clock only moves where everybody waits for it, so this does too.
    pub(crate) async fn listeners(&self, count: usize) {
        while self.hears.receiver_count() != count {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }
}

struct Told(watch::Receiver<bool>);

#[async_trait]
impl Listener for Told {
    fn hears(&self) -> bool {
        *self.0.borrow()
    }

    async fn heard(&mut self) {
        self.0.changed().await.expect("the store is there");
    }
}

#[async_trait]
impl Store for Telling {
    async fn claim(&self, request: &ClaimRequest) -> Result<ClaimDecision, StoreError> {
        self.counted.claim(request).await
    }

    async fn extend(&self, claim: &Claim, lease: Duration) -> Result<(), StoreError> {
        self.counted.extend(claim, lease).await
    }

    async fn extend_all(&self, extensions: &[Extension]) -> Vec<Result<(), StoreError>> {
        self.counted.extend_all(extensions).await
    }

    async fn abandon(&self, claim: &Claim) -> Result<(), StoreError> {
        self.counted.abandon(claim).await
    }

    async fn complete(&self, claim: &Claim, outcome: &Outcome, retention: Duration) -> Result<(), StoreError> {
        self.counted.complete(claim, outcome, retention).await
    }

    async fn release(&self, claim: &Claim) -> Result<(), StoreError> {
        self.counted.release(claim).await
    }

    async fn issue(&self, key: &Key, lifetime: Duration) -> Result<IssueDecision, StoreError> {
        self.counted.issue(key, lifetime).await
    }

    async fn lookup(&self, key: &Key) -> Result<Option<Observed>, StoreError> {
        self.counted.lookup(key).await
    }

    async fn resolve(&self, key: &Key, claim_id: ClaimId, resolution: &Resolution) -> Result<(), StoreError> {
        self.counted.resolve(key, claim_id, resolution).await
    }

    async fn purge_expired(&self, limit: u32) -> Result<u64, StoreError> {
        self.counted.purge_expired(limit).await
    }

    fn listen(&self, _: &Key) -> Option<Box<dyn Listener>> {
        self.listened.fetch_add(1, Ordering::SeqCst);
        let threads = self.threads.clone();
        tokio::spawn(async move {
            let name = std::thread::current().name().map(str::to_owned);
            threads.send_modify(|threads| threads.push(name));
        });
        Some(Box::new(Told(self.hears.subscribe())))
    }
}
