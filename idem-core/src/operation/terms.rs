//! What one call asks for.

use std::num::NonZeroU32;
use std::time::Duration;

use crate::{
    Abandoned, Admission, ClaimId, ClaimRequest, Dropped, Error, Fingerprint, InFlight, Key, Operation, OutcomeLimit,
};

/// What one call asks of the engine.
#[derive(Debug, Clone)]
pub(crate) struct Terms {
    pub(crate) key: Key,
    pub(crate) admission: Admission,
    pub(crate) fingerprint: Option<Fingerprint>,
    pub(crate) lease: Option<Duration>,
    pub(crate) retention: Duration,
    pub(crate) in_flight: Option<InFlight>,
    pub(crate) abandoned: Option<Abandoned>,
    pub(crate) max_attempts: Option<NonZeroU32>,
    pub(crate) version: u32,
    pub(crate) limit: OutcomeLimit,
    pub(crate) dropped: Dropped,
    pub(crate) settle_within: Option<Duration>,
}

impl Terms {
    pub(crate) fn lease(&self) -> Duration {
        self.lease.unwrap_or(Operation::DEFAULT_LEASE)
    }

    /// How long a caller waits for its outcome to be stored.
    pub(crate) fn settle_within(&self) -> Duration {
        self.settle_within.unwrap_or(self.lease().min(Operation::DEFAULT_SETTLE_WITHIN))
    }

    pub(crate) fn abandoned(&self) -> Abandoned {
        self.abandoned.unwrap_or_default()
    }

    /// A request for the claim by `claim_id`.
    pub(crate) fn request(&self, claim_id: ClaimId) -> ClaimRequest {
        self.request_under(claim_id, self.lease(), self.abandoned())
    }

    /// A request inside the caller's transaction, where a claim is never seen by others before it has its outcome. One
    /// that is, was committed by a caller who dropped the call: what its body did is unknown, so unless the operation
    /// says otherwise it is abandoned, and at once.
    pub(crate) fn joined_request(&self) -> ClaimRequest {
        self.request_under(ClaimId::random(), Duration::ZERO, self.abandoned.unwrap_or(Abandoned::Refuse))
    }

    /// Refuses `max_attempts` where the record, and the count with it, may expire sooner than a lease lasts.
    pub(crate) fn with_attempts_remembered(self) -> Result<Self, Error> {
        if self.max_attempts.is_some() && self.retention < self.lease() {
            return Err(Error::misuse(
                "attempts are counted for as long as the record is kept; with `max_attempts`, `retain` must not be shorter \
                 than `lease`",
            ));
        }
        Ok(self)
    }

    /// Refuses what has no meaning in the caller's transaction.
    pub(crate) fn without_lease(self) -> Result<Self, Error> {
        if self.lease.is_some() {
            return Err(Error::misuse("there is no lease in the caller's transaction; leave out `lease`"));
        }
        if self.max_attempts.is_some() {
            return Err(Error::misuse(
                "an attempt that failed is rolled back and cannot be counted; leave out `max_attempts`",
            ));
        }
        Ok(self)
    }

    fn request_under(&self, claim_id: ClaimId, lease: Duration, abandoned: Abandoned) -> ClaimRequest {
        ClaimRequest {
            key: self.key.clone(),
            claim_id,
            fingerprint: self.fingerprint,
            lease,
            retention: self.retention,
            abandoned,
            max_attempts: self.max_attempts,
            admission: self.admission,
        }
    }
}
