//! The store with the mistakes in its writes; those in its claims are in the module above.

use std::time::Duration;

use async_trait::async_trait;
use idem_core::Timestamp;
use idem_core::decision::{HolderWrite, Holding, decide_issue, decide_write, is_expired, is_resolvable};
use idem_core::{
    Abandoned, Claim, ClaimDecision, ClaimId, ClaimRequest, Extension, IssueDecision, Key, Listener, Observed, Outcome,
    Record, Resolution, State, Store, StoreError,
};

use super::deaf::Deaf;
use super::{Defect, Mutant};

impl Mutant {
    fn write(
        &self,
        claim: &Claim,
        write: HolderWrite,
        change: impl FnOnce(Record, Timestamp) -> Record,
    ) -> Result<(), StoreError> {
        let mut records = self.lock();
        let (now, key) = (self.now(), self.key(&claim.key));
        let found = records.get(&key);
        let ignores_the_claim_id = match write {
            HolderWrite::Extend => self.has(Defect::ExtendIgnoresTheClaimId),
            HolderWrite::Complete => self.has(Defect::CompleteIgnoresTheClaimId),
            HolderWrite::Release => self.has(Defect::ReleaseIgnoresTheClaimId),
            HolderWrite::Abandon => self.has(Defect::AbandonIgnoresTheClaimId),
        };
        let claim_id = match found.and_then(|record| record.claim_id) {
            Some(claim_id) if ignores_the_claim_id => claim_id,
            _ => claim.claim_id,
        };
        let mut holding = decide_write(found, claim_id, write);
        let has_lapsed = found
            .is_some_and(|record| matches!(record.state, State::Running { lease_until, .. } if lease_until <= now));
        match self.defect {
            Defect::RefusesAHolderWhoseLeaseRanOut if has_lapsed => holding = Holding::Lost,
            Defect::RepeatedCompleteIsLost if (write, holding) == (HolderWrite::Complete, Holding::Repeated) => {
                holding = Holding::Lost;
            }
            Defect::RepeatedReleaseIsLost if (write, holding) == (HolderWrite::Release, Holding::Repeated) => {
                holding = Holding::Lost;
            }
            Defect::CompleteOverwrites if write == HolderWrite::Complete && holding == Holding::Repeated => {
                holding = Holding::Held;
            }
            _ => {}
        }
        match holding {
            Holding::Held => {
                let record = records.remove(&key).expect("what is held is there");
                let written = change(record, now);
                if !(write == HolderWrite::Release && self.has(Defect::ReleaseForgets)) {
                    records.insert(key, written);
                }
                Ok(())
            }
            Holding::Repeated => Ok(()),
            Holding::Lost => Err(StoreError::claim_lost()),
        }
    }
}

impl Mutant {
    /// The time between two steps, in which others come.
    async fn dawdle() {
        tokio::time::sleep(Duration::from_millis(2)).await;
    }

    fn purges(&self, record: &Record, now: Timestamp) -> bool {
        match (&record.state, self.defect) {
            (State::Running { lease_until, .. }, Defect::PurgesLapsedClaims) => *lease_until <= now,
            (State::Running { .. }, Defect::PurgesAbandonedClaims) => record.expires_at <= now,
            (_, Defect::PurgesNothing) | (State::Running { .. }, Defect::PurgesEverythingDone) => false,
            (_, Defect::PurgesEverythingDone) => true,
            _ => is_expired(record, now),
        }
    }
}

#[async_trait]
impl Store for Mutant {
    async fn claim(&self, request: &ClaimRequest) -> Result<ClaimDecision, StoreError> {
        let key = self.key(&request.key);
        if self.has(Defect::CompletesInTwoSteps) {
            // Claims that come between the two steps of a completion.
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        let seen = self.lock().get(&key).cloned();
        if self.has(Defect::ClaimsInTwoSteps) {
            Mutant::dawdle().await;
        }
        let mut records = self.lock();
        let now = self.now();
        let found = if self.has(Defect::ClaimsInTwoSteps) { seen } else { records.get(&key).cloned() };
        let decision = self.decide(found.as_ref(), now, request);
        let touches = match &decision {
            ClaimDecision::Acquired(claim) => {
                records.insert(key.clone(), self.claimed(request, claim, now, found.as_ref()));
                false
            }
            ClaimDecision::Replay(_) => self.has(Defect::TouchesWhatItReplays),
            _ => self.has(Defect::TouchesWhatItRefuses),
        };
        if touches && let Some(record) = records.get_mut(&key) {
            record.updated_at = now;
        }
        Ok(decision)
    }

    async fn extend(&self, claim: &Claim, lease: Duration) -> Result<(), StoreError> {
        let key = self.key(&claim.key);
        let mut records = self.lock();
        let now = self.now();
        let running = State::Running { lease_until: now + lease, abandoned: Abandoned::Rerun };
        match records.get_mut(&key) {
            Some(record) if self.has(Defect::ExtendRevivesWhatHasEnded) && record.claim_id == Some(claim.claim_id) => {
                record.state = running;
                return Ok(());
            }
            None if self.has(Defect::ExtendInsertsWhatIsMissing) => {
                let record = Record {
                    key: key.clone(),
                    state: running,
                    claim_id: Some(claim.claim_id),
                    fence: claim.fence,
                    attempts: claim.attempt,
                    fingerprint: None,
                    expires_at: now + lease,
                    created_at: now,
                    updated_at: now,
                };
                records.insert(key, record);
                return Ok(());
            }
            _ => {}
        }
        drop(records);
        self.write(claim, HolderWrite::Extend, |record, now| {
            let end = record.expires_at;
            let extended = record.extended(lease, now);
            if self.has(Defect::ExtendLeavesTheEnd) { Record { expires_at: end, ..extended } } else { extended }
        })
    }

    async fn complete(&self, claim: &Claim, outcome: &Outcome, retention: Duration) -> Result<(), StoreError> {
        if self.has(Defect::CompletesInTwoSteps) {
            let key = self.key(&claim.key);
            let seen = self.lock().get(&key).cloned();
            if decide_write(seen.as_ref(), claim.claim_id, HolderWrite::Complete) == Holding::Held {
                Mutant::dawdle().await;
                let record = seen.expect("what is held is there").finished(outcome.clone(), retention, self.now());
                self.lock().insert(key, record);
                return Ok(());
            }
        }
        self.write(claim, HolderWrite::Complete, |record, now| {
            let end = record.expires_at;
            let mut finished = record.finished(self.kept(outcome), retention, now);
            if self.has(Defect::CompleteKeepsTheEndOfTheClaim) {
                finished.expires_at = end;
            }
            if self.has(Defect::CompleteForgetsTheFingerprint) {
                finished.fingerprint = None;
            }
            finished
        })
    }

    async fn release(&self, claim: &Claim) -> Result<(), StoreError> {
        self.write(claim, HolderWrite::Release, Record::released)
    }

    async fn extend_all(&self, extensions: &[Extension]) -> Vec<Result<(), StoreError>> {
        let mut answers = Vec::new();
        for Extension { claim, lease } in extensions {
            match answers.last() {
                Some(Err(_)) if self.has(Defect::OneLostClaimFailsAllRenewals) => {
                    answers.push(Err(StoreError::claim_lost()));
                }
                _ => answers.push(self.extend(claim, *lease).await),
            }
        }
        answers
    }

    async fn abandon(&self, claim: &Claim) -> Result<(), StoreError> {
        self.write(claim, HolderWrite::Abandon, |record, now| match self.defect {
            Defect::AbandonKeepsThePolicy => record.extended(Duration::ZERO, now),
            Defect::AbandonReleases => record.released(now),
            _ => record.abandoned(now),
        })
    }

    async fn issue(&self, key: &Key, lifetime: Duration) -> Result<IssueDecision, StoreError> {
        let key = self.key(key);
        let seen = self.lock().get(&key).cloned();
        if self.has(Defect::IssuesInTwoSteps) {
            Mutant::dawdle().await;
        }
        let mut records = self.lock();
        let now = self.now();
        let found = if self.has(Defect::IssuesInTwoSteps) { seen } else { records.get(&key).cloned() };
        let decision = decide_issue(found.as_ref(), now);
        if decision == IssueDecision::Issued || self.has(Defect::IssuesWhatIsTaken) {
            let issued = Record::issued(key.clone(), lifetime, now, found.as_ref());
            records.insert(key, issued);
        }
        Ok(decision)
    }

    async fn lookup(&self, key: &Key) -> Result<Option<Observed>, StoreError> {
        let now = self.now();
        let found = self.lock().get(&self.key(key)).cloned();
        Ok(found.map(|record| Observed { record: Record { key: key.clone(), ..record }, now }))
    }

    async fn resolve(&self, key: &Key, claim_id: ClaimId, resolution: &Resolution) -> Result<(), StoreError> {
        if !self.has(Defect::ResolveStoresAnyText) {
            resolution.check()?;
        }
        let key = self.key(key);
        let mut records = self.lock();
        let now = self.now();
        let found = records.get(&key);
        let claim_id = match found.and_then(|record| record.claim_id) {
            Some(held) if self.has(Defect::ResolveIgnoresTheClaimId) => held,
            _ => claim_id,
        };
        let is_running = found.is_some_and(|record| matches!(record.state, State::Running { .. }));
        let may = is_resolvable(found, now, claim_id) || (self.has(Defect::ResolveIgnoresTheLease) && is_running);
        match records.remove(&key) {
            Some(record) if may => {
                records.insert(key, record.resolved(resolution, now));
                Ok(())
            }
            other => {
                records.extend(other.map(|record| (key, record)));
                Err(StoreError::claim_lost())
            }
        }
    }

    async fn purge_expired(&self, limit: u32) -> Result<u64, StoreError> {
        let now = self.now();
        let mut going: Vec<_> =
            self.lock().values().filter(|it| self.purges(it, now)).map(|it| it.key.clone()).collect();
        if self.has(Defect::PurgesInTwoSteps) {
            Mutant::dawdle().await;
        }
        if !self.has(Defect::PurgesTooMany) {
            going.truncate(limit as usize);
        }
        let mut records = self.lock();
        going.retain(|key| {
            let goes = records.get(key).is_some_and(|it| self.has(Defect::PurgesInTwoSteps) || self.purges(it, now));
            goes && records.remove(key).is_some()
        });
        Ok(going.len() as u64)
    }

    fn listen(&self, _: &Key) -> Option<Box<dyn Listener>> {
        self.has(Defect::HearsNothing).then(|| Box::new(Deaf) as Box<dyn Listener>)
    }
}
