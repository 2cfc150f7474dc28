//! The one decision: what a caller gets, given what it finds.
//!
//! Everything here is pure. [`MemoryStore`](crate::MemoryStore) calls it under its lock, the SQL stores call it on the
//! row that they read and write back by compare and set, and the model checker drives it through every interleaving. No
//! other code decides about time, claims or ownership.

use std::time::Duration;

use crate::{
    Abandoned, Admission, Claim, ClaimDecision, ClaimId, ClaimRequest, Fence, Fingerprint, IssueDecision, Key, Origin,
    Outcome, Record, Resolution, State, Timestamp,
};

/// Decides a claim: `found` is the record of the key if there is one, `now` is the store's clock.
///
/// | found | same fingerprint? | answer |
/// | --- | --- | --- |
/// | nothing, or expired | | acquired |
/// | nothing, but the request needs an issued token | | not issued |
/// | issued, released | | acquired, unless attempts are exhausted |
/// | released by an operator, who decided that it may run again | | acquired |
/// | running, and the claim is the caller's own | | acquired |
/// | running, any lease | no | mismatch |
/// | running, lease live | yes | in progress |
/// | running, lapsed, both the record and the request say rerun | yes | acquired by takeover, unless attempts are exhausted |
/// | running, lapsed, the record or the request says refuse | yes | abandoned |
/// | completed, failed | yes | the outcome |
/// | completed, failed | no | mismatch |
#[must_use]
pub fn decide_claim(found: Option<&Record>, now: Timestamp, request: &ClaimRequest) -> ClaimDecision {
    let Some(record) = found.filter(|record| !is_expired(record, now)) else {
        return match request.admission {
            Admission::Open => acquire(request, now, found, 0, Origin::Free),
            Admission::IssuedOnly => ClaimDecision::NotIssued,
        };
    };
    match &record.state {
        State::Released if record.claim_id.is_none() => {
            acquire(request, now, Some(record), record.attempts, Origin::Free)
        }
        State::Issued | State::Released => attempt_again(record, now, request, Origin::Free),
        State::Running { .. } if record.claim_id == Some(request.claim_id) => ClaimDecision::Acquired(Claim {
            key: request.key.clone(),
            claim_id: request.claim_id,
            fence: record.fence,
            attempt: record.attempts,
            origin: Origin::Repeated,
        }),
        State::Running { .. } | State::Finished(_) if !same_payload(record, request) => ClaimDecision::Mismatch,
        State::Running { lease_until, .. } if *lease_until > now => {
            ClaimDecision::InProgress { lease_left: lease_until.since(now) }
        }
        State::Running { abandoned, .. } => match (abandoned, request.abandoned) {
            (Abandoned::Rerun, Abandoned::Rerun) => attempt_again(record, now, request, Origin::Takeover),
            _ => ClaimDecision::Abandoned,
        },
        State::Finished(outcome) => ClaimDecision::Replay(outcome.clone()),
    }
}

/// Decides whether a key is issued as a token: `found` is its record if there is one, `now` is the store's clock.
#[must_use]
pub fn decide_issue(found: Option<&Record>, now: Timestamp) -> IssueDecision {
    match found.filter(|record| !is_expired(record, now)) {
        None => IssueDecision::Issued,
        Some(_) => IssueDecision::Taken,
    }
}

/// Whether a record has ended, so that a claim treats it as if it were not there and a purge removes it.
///
/// A claim never ends while its lease is live. One that lapsed under [`Abandoned::Refuse`] never ends at all: money whose
/// fate is unknown must not be forgotten.
#[must_use]
pub fn is_expired(record: &Record, now: Timestamp) -> bool {
    let may_end = match record.state {
        State::Running { lease_until, abandoned } => abandoned == Abandoned::Rerun && lease_until <= now,
        State::Issued | State::Released | State::Finished(_) => true,
    };
    may_end && record.expires_at <= now
}

/// What a write by the holder of a claim finds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Holding {
    /// The claim is the caller's: write.
    Held,
    /// The caller wrote this before, and the acknowledgement was lost: change nothing and answer as the first time.
    Repeated,
    /// The claim is not the caller's, or is no claim any more: change nothing and answer `ClaimLost`.
    Lost,
}

/// What the holder of a claim wants to write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HolderWrite {
    /// A new lease.
    Extend,
    /// The outcome.
    Complete,
    /// The end of the attempt without an outcome.
    Release,
    /// The end of the attempt with an effect that nobody knows.
    Abandon,
}

/// Decides a write by the holder of `claim_id`. A lease that ran out is no reason to refuse: until somebody takes over,
/// the claim is still the caller's.
#[must_use]
pub fn decide_write(found: Option<&Record>, claim_id: ClaimId, write: HolderWrite) -> Holding {
    let Some(record) = found.filter(|record| record.claim_id == Some(claim_id)) else {
        return Holding::Lost;
    };
    match (&record.state, write) {
        (State::Running { .. }, _) => Holding::Held,
        (State::Finished(_), HolderWrite::Complete) | (State::Released, HolderWrite::Release) => Holding::Repeated,
        _ => Holding::Lost,
    }
}

/// Whether an operator may settle this record: it lapsed, and it is still the claim that the operator looked at.
#[must_use]
pub fn is_resolvable(found: Option<&Record>, now: Timestamp, claim_id: ClaimId) -> bool {
    found.is_some_and(|record| {
        record.claim_id == Some(claim_id)
            && matches!(record.state, State::Running { lease_until, .. } if lease_until <= now)
    })
}

impl Record {
    /// The record of `key` after it was issued at `now` as a token, where `found` was before, and had expired.
    ///
    /// The lifetime bounds the first claim alone. From then on the record ends as any other does: an attempt with nothing to
    /// keep may be repeated for the retention of its claim, and an outcome is replayed for its own.
    #[must_use]
    pub fn issued(key: Key, lifetime: Duration, now: Timestamp, found: Option<&Self>) -> Self {
        Self {
            key,
            state: State::Issued,
            claim_id: None,
            fence: Fence::next(found.map(|record| record.fence), now),
            attempts: 0,
            fingerprint: None,
            expires_at: now + lifetime,
            created_at: now,
            updated_at: now,
        }
    }

    /// The record after `claim` was acquired by `request` at `now`, where `found` was before.
    #[must_use]
    pub fn claimed(request: &ClaimRequest, claim: &Claim, now: Timestamp, found: Option<&Self>) -> Self {
        let lease_until = now + request.lease;
        let created_at = found.filter(|record| !is_expired(record, now)).map_or(now, |record| record.created_at);
        Self {
            key: request.key.clone(),
            state: State::Running { lease_until, abandoned: request.abandoned },
            claim_id: Some(claim.claim_id),
            fence: claim.fence,
            attempts: claim.attempt,
            fingerprint: request.fingerprint,
            expires_at: lease_until + request.retention,
            created_at,
            updated_at: now,
        }
    }

    /// The record after its lease was extended at `now`. Its end moves with the lease; any other state stays as it is.
    #[must_use]
    pub fn extended(mut self, lease: Duration, now: Timestamp) -> Self {
        if let State::Running { lease_until, .. } = &mut self.state {
            let retention = self.expires_at.since(*lease_until);
            *lease_until = now + lease;
            self.expires_at = *lease_until + retention;
            self.updated_at = now;
        }
        self
    }

    /// The record after its holder gave up at `now` without knowing what its body did: it has lapsed, and nobody runs it
    /// until an operator has settled it.
    #[must_use]
    pub fn abandoned(self, now: Timestamp) -> Self {
        let mut record = self.extended(Duration::ZERO, now);
        if let State::Running { abandoned, .. } = &mut record.state {
            *abandoned = Abandoned::Refuse;
        }
        record
    }

    /// The record after its outcome came in at `now`.
    #[must_use]
    pub fn finished(self, outcome: Outcome, retention: Duration, now: Timestamp) -> Self {
        Self { state: State::Finished(outcome), expires_at: now + retention, updated_at: now, ..self }
    }

    /// The record after an operator settled it at `now`. Nobody's claim any more: a holder that comes back must not take
    /// the operator's outcome for its own.
    #[must_use]
    pub fn resolved(self, resolution: &Resolution, now: Timestamp) -> Self {
        let record = Self { claim_id: None, ..self };
        match resolution {
            Resolution::Rerun => record.released(now),
            Resolution::Finish { outcome, retention } => record.finished(outcome.clone(), *retention, now),
        }
    }

    /// The record after its attempt ended at `now` with nothing to keep.
    #[must_use]
    pub fn released(self, now: Timestamp) -> Self {
        Self { state: State::Released, updated_at: now, ..self }
    }
}

fn attempt_again(record: &Record, now: Timestamp, request: &ClaimRequest, origin: Origin) -> ClaimDecision {
    match request.max_attempts {
        Some(most) if record.attempts >= most.get() => ClaimDecision::Exhausted { attempts: record.attempts },
        _ => acquire(request, now, Some(record), record.attempts, origin),
    }
}

fn acquire(
    request: &ClaimRequest,
    now: Timestamp,
    found: Option<&Record>,
    attempts: u32,
    origin: Origin,
) -> ClaimDecision {
    ClaimDecision::Acquired(Claim {
        key: request.key.clone(),
        claim_id: request.claim_id,
        fence: Fence::next(found.map(|record| record.fence), now),
        attempt: attempts.saturating_add(1),
        origin,
    })
}

/// Whether the payloads agree. Where one side has no fingerprint there is nothing to compare, so that the option can be
/// added to an operation that has records.
fn same_payload(record: &Record, request: &ClaimRequest) -> bool {
    match (&record.fingerprint, &request.fingerprint) {
        (Some(found), Some(asked)) => Fingerprint::agree(found, asked),
        _ => true,
    }
}
