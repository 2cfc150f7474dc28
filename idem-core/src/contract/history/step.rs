//! The steps of a history, what a store answers to them, and what the decision gives.

use std::time::Duration;

use crate::decision::{HolderWrite, Holding, decide_claim, decide_write, is_resolvable};
use crate::{
    Claim, ClaimDecision, ClaimId, ClaimRequest, Key, Outcome, Record, Resolution, State, Store, StoreError, Timestamp,
};

#[derive(Debug, Clone)]
pub(super) enum Step {
    Wait(Duration),
    Claim(ClaimRequest),
    Extend(Claim, Duration),
    Complete(Claim, Outcome, Duration),
    Release(Claim),
    Resolve(Key, ClaimId, Resolution),
    Purge(u32),
}

impl Step {
    /// The key that the step is about, if it is one.
    pub(super) fn key(&self) -> Option<&Key> {
        match self {
            Self::Wait(_) | Self::Purge(_) => None,
            Self::Claim(ClaimRequest { key, .. }) | Self::Resolve(key, ..) => Some(key),
            Self::Extend(claim, _) | Self::Complete(claim, ..) | Self::Release(claim) => Some(&claim.key),
        }
    }
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Answer {
    Claim(ClaimDecision),
    Done,
    Lost,
    Failed(String),
}

impl From<Result<(), StoreError>> for Answer {
    fn from(result: Result<(), StoreError>) -> Self {
        match result {
            Ok(()) => Self::Done,
            Err(error) if error.is_claim_lost() => Self::Lost,
            Err(error) => Self::Failed(error.to_string()),
        }
    }
}

/// What the decision gives for a step about one key: the answer, and the record afterwards.
pub(super) fn expected(step: &Step, found: Option<&Record>, now: Timestamp) -> (Answer, Option<Record>) {
    let write =
        |claim: &Claim, write, change: &dyn Fn(Record) -> Record| match decide_write(found, claim.claim_id, write) {
            Holding::Held => (Answer::Done, found.cloned().map(change)),
            Holding::Repeated => (Answer::Done, found.cloned()),
            Holding::Lost => (Answer::Lost, found.cloned()),
        };
    match step {
        Step::Wait(_) | Step::Purge(_) => (Answer::Done, found.cloned()),
        Step::Claim(request) => {
            let decision = decide_claim(found, now, request);
            let record = match &decision {
                ClaimDecision::Acquired(claim) => Some(Record::claimed(request, claim, now, found)),
                _ => found.cloned(),
            };
            (Answer::Claim(decision), record)
        }
        Step::Extend(claim, lease) => write(claim, HolderWrite::Extend, &|record| record.extended(*lease, now)),
        Step::Complete(claim, outcome, retention) => {
            write(claim, HolderWrite::Complete, &|record| record.finished(outcome.clone(), *retention, now))
        }
        Step::Release(claim) => write(claim, HolderWrite::Release, &|record| record.released(now)),
        Step::Resolve(_, claim_id, resolution) if is_resolvable(found, now, *claim_id) => {
            (Answer::Done, found.cloned().map(|record| record.resolved(resolution, now)))
        }
        Step::Resolve(..) => (Answer::Lost, found.cloned()),
    }
}

/// The instants at which what becomes of a record turns, and those just before.
pub(super) fn turns(record: &Record) -> impl Iterator<Item = Timestamp> {
    let lapse = match record.state {
        State::Running { lease_until, .. } => lease_until,
        _ => record.expires_at,
    };
    [lapse, record.expires_at].into_iter().flat_map(|turn| [turn, Timestamp::from_micros(turn.as_micros() - 1)])
}

/// Lets the store do a step about one key.
pub(super) async fn perform(store: &dyn Store, step: &Step) -> Answer {
    match step {
        Step::Wait(_) | Step::Purge(_) => Answer::Done,
        Step::Claim(request) => match store.claim(request).await {
            Ok(decision) => Answer::Claim(decision),
            Err(error) => Err(error).into(),
        },
        Step::Extend(claim, lease) => store.extend(claim, *lease).await.into(),
        Step::Complete(claim, outcome, retention) => store.complete(claim, outcome, *retention).await.into(),
        Step::Release(claim) => store.release(claim).await.into(),
        Step::Resolve(key, claim_id, resolution) => store.resolve(key, *claim_id, resolution).await.into(),
    }
}
