//! Stores that look right to one caller at a time, or nearly so.

use std::collections::HashMap;
use std::sync::Mutex;
use std::time::Duration;

use async_trait::async_trait;
use idem::decision::{HolderWrite, Holding, decide_claim, decide_write};
use idem::{
    Claim, ClaimDecision, ClaimId, ClaimRequest, Extension, Fence, IssueDecision, Key, Listener, Observed, Outcome,
    Record, Resolution, Store, StoreError,
};

use crate::NOW;

/// What a store does wrong.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Defect {
    /// Nothing, so that the others are caught for what they do.
    None,
    /// A claim reads, lets others go first, and writes over what they wrote.
    TornClaim,
    /// A release does the same.
    TornRelease,
    /// A complete writes under whatever claim is there.
    BlindComplete,
    /// Another claim gets the fence of the one before.
    StuckFence,
}

pub(crate) struct Broken {
    records: Mutex<HashMap<Key, Record>>,
    defect: Defect,
}

impl Broken {
    pub(crate) fn new(defect: Defect) -> Self {
        Self { records: Mutex::default(), defect }
    }

    fn read(&self, key: &Key) -> Option<Record> {
        self.records.lock().expect("no panic").get(key).cloned()
    }

    fn put(&self, record: Record) {
        self.records.lock().expect("no panic").insert(record.key.clone(), record);
    }

    fn end(
        &self,
        found: Option<Record>,
        holding: Holding,
        change: impl FnOnce(Record) -> Record,
    ) -> Result<(), StoreError> {
        match holding {
            Holding::Held => found.map(change).into_iter().for_each(|record| self.put(record)),
            Holding::Repeated => {}
            Holding::Lost => return Err(StoreError::claim_lost()),
        }
        Ok(())
    }

    async fn yield_if(&self, defect: Defect) {
        if self.defect == defect {
            tokio::task::yield_now().await;
        }
    }
}

/// The test runs it on one thread, so nothing but a yield comes between reading and writing.
#[async_trait]
impl Store for Broken {
    async fn claim(&self, request: &ClaimRequest) -> Result<ClaimDecision, StoreError> {
        let found = self.read(&request.key);
        let mut decision = decide_claim(found.as_ref(), NOW, request);
        self.yield_if(Defect::TornClaim).await;
        if let ClaimDecision::Acquired(claim) = &mut decision {
            if self.defect == Defect::StuckFence {
                claim.fence = Fence::from_number(1);
            }
            self.put(Record::claimed(request, claim, NOW, found.as_ref()));
        }
        Ok(decision)
    }

    async fn complete(&self, claim: &Claim, outcome: &Outcome, retention: Duration) -> Result<(), StoreError> {
        let found = self.read(&claim.key);
        let any = found.as_ref().and_then(|record| record.claim_id).filter(|_| self.defect == Defect::BlindComplete);
        let holding = decide_write(found.as_ref(), any.unwrap_or(claim.claim_id), HolderWrite::Complete);
        self.end(found, holding, |record| record.finished(outcome.clone(), retention, NOW))
    }

    async fn release(&self, claim: &Claim) -> Result<(), StoreError> {
        let found = self.read(&claim.key);
        let holding = decide_write(found.as_ref(), claim.claim_id, HolderWrite::Release);
        self.yield_if(Defect::TornRelease).await;
        self.end(found, holding, |record| record.released(NOW))
    }

    async fn extend(&self, _: &Claim, _: Duration) -> Result<(), StoreError> {
        unreachable!("no history renews a lease")
    }

    async fn extend_all(&self, _: &[Extension]) -> Vec<Result<(), StoreError>> {
        unreachable!("no history renews a lease")
    }

    async fn abandon(&self, _: &Claim) -> Result<(), StoreError> {
        unreachable!("no history gives up without knowing")
    }

    async fn issue(&self, _: &Key, _: Duration) -> Result<IssueDecision, StoreError> {
        unreachable!("no history has a token")
    }

    async fn lookup(&self, _: &Key) -> Result<Option<Observed>, StoreError> {
        unreachable!("no history looks")
    }

    async fn resolve(&self, _: &Key, _: ClaimId, _: &Resolution) -> Result<(), StoreError> {
        unreachable!("no history has an operator")
    }

    async fn purge_expired(&self, _: u32) -> Result<u64, StoreError> {
        unreachable!("nothing expires")
    }

    fn listen(&self, _: &Key) -> Option<Box<dyn Listener>> {
        None
    }
}
