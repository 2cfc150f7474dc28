//! A store in the memory of one process.

mod clock;
mod room;
mod waiting;

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;

use crate::decision::{HolderWrite, Holding, decide_claim, decide_issue, decide_write, is_expired, is_resolvable};
use crate::{
    AbandonedPage, AsStore, Claim, ClaimDecision, ClaimId, ClaimRequest, Cursor, Extension, IssueDecision, Key,
    Listener, Observed, Operator, Outcome, Record, Resolution, Store, StoreError, Timestamp,
};

use clock::Clock;

/// A store in the memory of one process: for tests, for a single process that may forget, and as the reference that
/// other stores are compared with.
///
/// It is bounded. A full store makes room by removing expired records, then released ones, which lose their count of
/// attempts, then those that are done, oldest first, whose retries run again. It never removes a claim, live or lapsed, nor
/// a token: when it holds nothing else, it refuses new claims and tokens.
///
/// Its clock only goes on: it begins at the time of day, and a step of the computer's clock afterwards changes nothing.
///
/// Clones share their records.
#[derive(Clone)]
pub struct MemoryStore {
    shared: Arc<Shared>,
}

/// What clones share. It is the store, so that a handle to it need not be allocated for each call.
struct Shared {
    shelf: Mutex<Shelf>,
    capacity: usize,
}

struct Shelf {
    records: Records,
    clock: Clock,
}

/// Clients choose keys, so the hash is keyed; `ahash` is, and costs a fifth of the standard one.
type Records = HashMap<Key, Record, ahash::RandomState>;

impl MemoryStore {
    /// The number of records that [`new`](Self::new) holds at most.
    pub const DEFAULT_CAPACITY: usize = 100_000;

    /// An empty store of [`DEFAULT_CAPACITY`](Self::DEFAULT_CAPACITY).
    #[must_use]
    pub fn new() -> Self {
        Self::with_capacity(Self::DEFAULT_CAPACITY)
    }

    /// An empty store that holds at most `capacity` records, and at least one.
    #[must_use]
    pub fn with_capacity(capacity: usize) -> Self {
        let shelf = Shelf { records: Records::default(), clock: Clock::start() };
        Self { shared: Arc::new(Shared { shelf: Mutex::new(shelf), capacity: capacity.max(1) }) }
    }

    /// The number of records, the expired ones among them.
    #[must_use]
    pub fn len(&self) -> usize {
        self.shared.lock().records.len()
    }

    /// Whether there is no record.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl Shared {
    /// No method panics between two changes of a record, so a poisoned lock protects nothing.
    fn lock(&self) -> MutexGuard<'_, Shelf> {
        self.shelf.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Applies a write by the holder of `claim`.
    fn write(
        &self,
        claim: &Claim,
        write: HolderWrite,
        change: impl FnOnce(Record, Timestamp) -> Record,
    ) -> Result<(), StoreError> {
        let Shelf { records, clock } = &mut *self.lock();
        let now = clock.now();
        let mut found = records.get_mut(&claim.key);
        match decide_write(found.as_deref(), claim.claim_id, write) {
            Holding::Held => {
                if let Some(record) = &mut found {
                    **record = change(record.clone(), now);
                }
                Ok(())
            }
            Holding::Repeated => Ok(()),
            Holding::Lost => Err(StoreError::claim_lost()),
        }
    }
}

impl Default for MemoryStore {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for MemoryStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryStore").field("capacity", &self.shared.capacity).finish_non_exhaustive()
    }
}

impl AsStore for MemoryStore {
    fn as_store(&self) -> Arc<dyn Store> {
        Arc::<Shared>::clone(&self.shared)
    }
}

#[async_trait]
impl Store for Shared {
    async fn claim(&self, request: &ClaimRequest) -> Result<ClaimDecision, StoreError> {
        let Shelf { records, clock } = &mut *self.lock();
        let now = clock.now();
        if let Some(found) = records.get_mut(&request.key) {
            let decision = decide_claim(Some(found), now, request);
            if let ClaimDecision::Acquired(claim) = &decision {
                *found = Record::claimed(request, claim, now, Some(found));
            }
            return Ok(decision);
        }
        let decision = decide_claim(None, now, request);
        if let ClaimDecision::Acquired(claim) = &decision {
            if records.len() >= self.capacity {
                room::make(records, now)?;
            }
            records.insert(request.key.clone(), Record::claimed(request, claim, now, None));
        }
        Ok(decision)
    }

    async fn extend(&self, claim: &Claim, lease: Duration) -> Result<(), StoreError> {
        self.write(claim, HolderWrite::Extend, |record, now| record.extended(lease, now))
    }

    async fn complete(&self, claim: &Claim, outcome: &Outcome, retention: Duration) -> Result<(), StoreError> {
        self.write(claim, HolderWrite::Complete, |record, now| record.finished(outcome.clone(), retention, now))
    }

    async fn extend_all(&self, extensions: &[Extension]) -> Vec<Result<(), StoreError>> {
        let renew = |Extension { claim, lease }: &Extension| {
            self.write(claim, HolderWrite::Extend, |record, now| record.extended(*lease, now))
        };
        extensions.iter().map(renew).collect()
    }

    async fn release(&self, claim: &Claim) -> Result<(), StoreError> {
        self.write(claim, HolderWrite::Release, Record::released)
    }

    async fn abandon(&self, claim: &Claim) -> Result<(), StoreError> {
        self.write(claim, HolderWrite::Abandon, Record::abandoned)
    }

    async fn issue(&self, key: &Key, lifetime: Duration) -> Result<IssueDecision, StoreError> {
        let Shelf { records, clock } = &mut *self.lock();
        let now = clock.now();
        let decision = decide_issue(records.get(key), now);
        if decision == IssueDecision::Issued {
            let issued = Record::issued(key.clone(), lifetime, now, records.get(key));
            if records.len() >= self.capacity && !records.contains_key(key) {
                room::make(records, now)?;
            }
            records.insert(key.clone(), issued);
        }
        Ok(decision)
    }

    async fn lookup(&self, key: &Key) -> Result<Option<Observed>, StoreError> {
        let Shelf { records, clock } = &mut *self.lock();
        let now = clock.now();
        Ok(records.get(key).map(|record| Observed { record: record.clone(), now }))
    }

    async fn resolve(&self, key: &Key, claim_id: ClaimId, resolution: &Resolution) -> Result<(), StoreError> {
        resolution.check()?;
        let Shelf { records, clock } = &mut *self.lock();
        let now = clock.now();
        match records.get_mut(key) {
            Some(record) if is_resolvable(Some(record), now, claim_id) => {
                *record = record.clone().resolved(resolution, now);
                Ok(())
            }
            _ => Err(StoreError::claim_lost()),
        }
    }

    async fn purge_expired(&self, limit: u32) -> Result<u64, StoreError> {
        let Shelf { records, clock } = &mut *self.lock();
        let now = clock.now();
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        Ok(room::remove(records, limit, |record| is_expired(record, now)))
    }

    fn listen(&self, _key: &Key) -> Option<Box<dyn Listener>> {
        None
    }
}

/// The same store, for whoever calls it by itself.
#[async_trait]
impl Store for MemoryStore {
    async fn claim(&self, request: &ClaimRequest) -> Result<ClaimDecision, StoreError> {
        self.shared.claim(request).await
    }

    async fn extend(&self, claim: &Claim, lease: Duration) -> Result<(), StoreError> {
        self.shared.extend(claim, lease).await
    }

    async fn complete(&self, claim: &Claim, outcome: &Outcome, retention: Duration) -> Result<(), StoreError> {
        self.shared.complete(claim, outcome, retention).await
    }

    async fn release(&self, claim: &Claim) -> Result<(), StoreError> {
        self.shared.release(claim).await
    }

    async fn extend_all(&self, extensions: &[Extension]) -> Vec<Result<(), StoreError>> {
        self.shared.extend_all(extensions).await
    }

    async fn abandon(&self, claim: &Claim) -> Result<(), StoreError> {
        self.shared.abandon(claim).await
    }

    async fn issue(&self, key: &Key, lifetime: Duration) -> Result<IssueDecision, StoreError> {
        self.shared.issue(key, lifetime).await
    }

    async fn lookup(&self, key: &Key) -> Result<Option<Observed>, StoreError> {
        self.shared.lookup(key).await
    }

    async fn resolve(&self, key: &Key, claim_id: ClaimId, resolution: &Resolution) -> Result<(), StoreError> {
        self.shared.resolve(key, claim_id, resolution).await
    }

    async fn purge_expired(&self, limit: u32) -> Result<u64, StoreError> {
        self.shared.purge_expired(limit).await
    }

    fn listen(&self, key: &Key) -> Option<Box<dyn Listener>> {
        self.shared.listen(key)
    }
}

#[async_trait]
impl Operator for MemoryStore {
    async fn abandoned(&self, from: Option<&Cursor>, limit: u32) -> Result<AbandonedPage, StoreError> {
        let Shelf { records, clock } = &mut *self.shared.lock();
        let now = clock.now();
        waiting::page(records.values(), now, from, limit)
    }
}
