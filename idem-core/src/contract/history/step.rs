//! The steps of a history, what a store answers to them, and what the decision gives.

use std::ops::RangeInclusive;
use std::time::Duration;

use crate::decision::{HolderWrite, Holding, decide_claim, decide_issue, decide_write, is_expired, is_resolvable};
use crate::{
    Claim, ClaimDecision, ClaimId, ClaimRequest, Fence, IssueDecision, Key, Origin, Outcome, Record, Resolution, State,
    Store, StoreError, Timestamp,
};

#[derive(Debug, Clone)]
pub(super) enum Step {
    Wait(Duration),
    Claim(ClaimRequest),
    Issue(Key, Duration),
    Extend(Claim, Duration),
    Complete(Claim, Outcome, Duration),
    Release(Claim),
    Abandon(Claim),
    Resolve(Key, ClaimId, Resolution),
    Purge(u32),
}

impl Step {
    /// The key that the step is about, if it is one.
    pub(super) fn key(&self) -> Option<&Key> {
        match self {
            Self::Wait(_) | Self::Purge(_) => None,
            Self::Claim(ClaimRequest { key, .. }) | Self::Issue(key, _) | Self::Resolve(key, ..) => Some(key),
            Self::Extend(claim, _) | Self::Complete(claim, ..) | Self::Release(claim) | Self::Abandon(claim) => {
                Some(&claim.key)
            }
        }
    }
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Answer {
    Claim(ClaimDecision),
    Issue(IssueDecision),
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
///
/// A store that writes by compare and set decides a claim at one instant and stamps it at a later one.
pub(super) fn expected(
    step: &Step,
    found: Option<&Record>,
    decided: Timestamp,
    now: Timestamp,
) -> (Answer, Option<Record>) {
    let write =
        |claim: &Claim, write, change: &dyn Fn(Record) -> Record| match decide_write(found, claim.claim_id, write) {
            Holding::Held => (Answer::Done, found.cloned().map(change)),
            Holding::Repeated => (Answer::Done, found.cloned()),
            Holding::Lost => (Answer::Lost, found.cloned()),
        };
    match step {
        Step::Wait(_) | Step::Purge(_) => (Answer::Done, found.cloned()),
        Step::Claim(request) => match decide_claim(found, decided, request) {
            ClaimDecision::Acquired(claim) => acquired(request, claim, found, decided, now),
            decision => (Answer::Claim(decision), found.cloned()),
        },
        Step::Issue(key, lifetime) => match decide_issue(found, decided) {
            IssueDecision::Issued => {
                let issued = Record::issued(key.clone(), *lifetime, now, found);
                (Answer::Issue(IssueDecision::Issued), Some(issued))
            }
            IssueDecision::Taken => (Answer::Issue(IssueDecision::Taken), found.cloned()),
        },
        Step::Extend(claim, lease) => write(claim, HolderWrite::Extend, &|record| record.extended(*lease, now)),
        Step::Complete(claim, outcome, retention) => {
            write(claim, HolderWrite::Complete, &|record| record.finished(outcome.clone(), *retention, now))
        }
        Step::Release(claim) => write(claim, HolderWrite::Release, &|record| record.released(now)),
        Step::Abandon(claim) => write(claim, HolderWrite::Abandon, &|record| record.abandoned(now)),
        Step::Resolve(_, claim_id, resolution) if is_resolvable(found, now, *claim_id) => {
            (Answer::Done, found.cloned().map(|record| record.resolved(resolution, now)))
        }
        Step::Resolve(..) => (Answer::Lost, found.cloned()),
    }
}

fn acquired(
    request: &ClaimRequest,
    mut claim: Claim,
    found: Option<&Record>,
    decided: Timestamp,
    now: Timestamp,
) -> (Answer, Option<Record>) {
    if claim.origin != Origin::Repeated {
        claim.fence = Fence::next(found.map(|record| record.fence), now);
    }
    let alive = found.filter(|record| !is_expired(record, decided));
    let record = Record::claimed(request, &claim, now, None);
    let record = Record { created_at: alive.map_or(now, |found| found.created_at), ..record };
    (Answer::Claim(ClaimDecision::Acquired(claim)), Some(record))
}

/// The same with another fence, of a second look at the store's clock: a claim that was late must have a greater number than the
/// records that lived and were purged meanwhile.
pub(super) fn numbered_later(
    (answer, record): (Answer, Option<Record>),
    actual: &Answer,
    between: &RangeInclusive<Timestamp>,
) -> (Answer, Option<Record>) {
    match (answer, actual, record) {
        (
            Answer::Claim(ClaimDecision::Acquired(claim)),
            Answer::Claim(ClaimDecision::Acquired(Claim { fence, .. })),
            Some(record),
        ) if *fence > claim.fence && between.contains(&Timestamp::from_micros(fence.number())) => {
            let acquired = ClaimDecision::Acquired(Claim { fence: *fence, ..claim });
            (Answer::Claim(acquired), Some(Record { fence: *fence, ..record }))
        }
        (answer, _, record) => (answer, record),
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
        Step::Issue(key, lifetime) => match store.issue(key, *lifetime).await {
            Ok(decision) => Answer::Issue(decision),
            Err(error) => Err(error).into(),
        },
        Step::Extend(claim, lease) => store.extend(claim, *lease).await.into(),
        Step::Complete(claim, outcome, retention) => store.complete(claim, outcome, *retention).await.into(),
        Step::Release(claim) => store.release(claim).await.into(),
        Step::Abandon(claim) => store.abandon(claim).await.into(),
        Step::Resolve(key, claim_id, resolution) => store.resolve(key, *claim_id, resolution).await.into(),
    }
}
