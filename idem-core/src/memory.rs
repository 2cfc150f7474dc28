//! A store in the memory of one process.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use async_trait::async_trait;

use crate::decision::{HolderWrite, Holding, decide_claim, decide_write, is_expired, is_resolvable};
use crate::{
    AsStore, Claim, ClaimDecision, ClaimId, ClaimRequest, Key, Observed, Outcome, Record, Resolution, State, Store,
    StoreError, Timestamp,
};

/// A store in the memory of one process: for tests, for a single process that may forget, and as the reference that
/// other stores are compared with.
///
/// It is bounded. A full store makes room by removing expired records, then those that are done, oldest first, whose
/// retries then run again. It never removes a claim, live or lapsed: when it holds nothing else, it refuses new ones.
///
/// Clones share their records.
#[derive(Clone)]
pub struct MemoryStore {
    records: Arc<Mutex<HashMap<Key, Record>>>,
    clock: Clock,
    capacity: usize,
}

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
        Self { records: Arc::default(), clock: Clock::start(), capacity: capacity.max(1) }
    }

    /// The number of records, the expired ones among them.
    #[must_use]
    pub fn len(&self) -> usize {
        self.lock().len()
    }

    /// Whether there is no record.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// No method panics between two changes of a record, so a poisoned lock protects nothing.
    fn lock(&self) -> MutexGuard<'_, HashMap<Key, Record>> {
        self.records.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Applies a write by the holder of `claim`.
    fn write(
        &self,
        claim: &Claim,
        write: HolderWrite,
        change: impl FnOnce(Record, Timestamp) -> Record,
    ) -> Result<(), StoreError> {
        let mut records = self.lock();
        let now = self.clock.now();
        match decide_write(records.get(&claim.key), claim.claim_id, write) {
            Holding::Held => {
                if let Some(record) = records.get_mut(&claim.key) {
                    *record = change(record.clone(), now);
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
        f.debug_struct("MemoryStore").field("capacity", &self.capacity).finish_non_exhaustive()
    }
}

impl AsStore for MemoryStore {
    fn as_store(&self) -> Arc<dyn Store> {
        Arc::new(self.clone())
    }
}

#[async_trait]
impl Store for MemoryStore {
    async fn claim(&self, request: &ClaimRequest) -> Result<ClaimDecision, StoreError> {
        let mut records = self.lock();
        let now = self.clock.now();
        let found = records.get(&request.key);
        let decision = decide_claim(found, now, request);
        if let ClaimDecision::Acquired(claim) = &decision {
            let record = Record::claimed(request, claim, now, found);
            if found.is_none() && records.len() >= self.capacity {
                make_room(&mut records, now)?;
            }
            records.insert(request.key.clone(), record);
        }
        Ok(decision)
    }

    async fn extend(&self, claim: &Claim, lease: Duration) -> Result<(), StoreError> {
        self.write(claim, HolderWrite::Extend, |record, now| record.extended(lease, now))
    }

    async fn complete(&self, claim: &Claim, outcome: &Outcome, retention: Duration) -> Result<(), StoreError> {
        self.write(claim, HolderWrite::Complete, |record, now| record.finished(outcome.clone(), retention, now))
    }

    async fn release(&self, claim: &Claim) -> Result<(), StoreError> {
        self.write(claim, HolderWrite::Release, Record::released)
    }

    async fn lookup(&self, key: &Key) -> Result<Option<Observed>, StoreError> {
        let records = self.lock();
        let now = self.clock.now();
        Ok(records.get(key).map(|record| Observed { record: record.clone(), now }))
    }

    async fn resolve(&self, key: &Key, claim_id: ClaimId, resolution: &Resolution) -> Result<(), StoreError> {
        let mut records = self.lock();
        let now = self.clock.now();
        if !is_resolvable(records.get(key), now, claim_id) {
            return Err(StoreError::claim_lost());
        }
        if let Some(record) = records.get_mut(key) {
            *record = record.clone().resolved(resolution, now);
        }
        Ok(())
    }

    async fn purge_expired(&self, limit: u32) -> Result<u64, StoreError> {
        let mut records = self.lock();
        let now = self.clock.now();
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        Ok(remove(&mut records, limit, |record| is_expired(record, now)))
    }
}

/// Frees about a tenth of the store, so that a full one does not search all records for each new one.
fn make_room(records: &mut HashMap<Key, Record>, now: Timestamp) -> Result<(), StoreError> {
    let wanted = records.len().div_ceil(10);
    let mut freed = remove(records, usize::MAX, |record| is_expired(record, now));
    if freed == 0 {
        let mut done: Vec<_> = records
            .values()
            .filter(|record| !matches!(record.state, State::Running { .. }))
            .map(|record| record.updated_at)
            .collect();
        done.sort_unstable();
        if let Some(newest) = done.get(wanted.min(done.len()).saturating_sub(1)).copied() {
            freed = remove(records, wanted, |record| {
                !matches!(record.state, State::Running { .. }) && record.updated_at <= newest
            });
        }
    }
    match freed {
        0 => Err(StoreError::unavailable("the memory store is full of running claims; raise its capacity")),
        _ => Ok(()),
    }
}

fn remove(records: &mut HashMap<Key, Record>, limit: usize, which: impl Fn(&Record) -> bool) -> u64 {
    let mut removed = 0;
    records.retain(|_, record| {
        let keep = removed >= limit || !which(record);
        removed += usize::from(!keep);
        keep
    });
    removed as u64
}

/// A monotonic clock that starts at the time of day, so that fences grow across a restart of the process too.
#[derive(Debug, Clone, Copy)]
struct Clock {
    started: Instant,
    started_at: Timestamp,
}

impl Clock {
    fn start() -> Self {
        let since_epoch = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        Self { started: Instant::now(), started_at: Timestamp::from_micros(0) + since_epoch }
    }

    fn now(self) -> Timestamp {
        self.started_at + self.started.elapsed()
    }
}
