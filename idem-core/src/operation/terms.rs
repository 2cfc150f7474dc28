//! What one call asks for.

use std::num::NonZeroU32;
use std::time::Duration;

use crate::{Abandoned, Admission, ClaimId, ClaimRequest, Fingerprint, InFlight, Key, OutcomeLimit};

/// What one call asks of the engine.
#[derive(Debug, Clone)]
pub(crate) struct Terms {
    pub(crate) key: Key,
    pub(crate) fingerprint: Option<Fingerprint>,
    pub(crate) lease: Duration,
    pub(crate) retention: Duration,
    pub(crate) in_flight: InFlight,
    pub(crate) abandoned: Abandoned,
    pub(crate) max_attempts: Option<NonZeroU32>,
    pub(crate) version: u32,
    pub(crate) limit: OutcomeLimit,
}

impl Terms {
    /// A request for the claim, under a claim id of its own.
    pub(crate) fn request(&self) -> ClaimRequest {
        ClaimRequest {
            key: self.key.clone(),
            claim_id: ClaimId::random(),
            fingerprint: self.fingerprint,
            lease: self.lease,
            retention: self.retention,
            abandoned: self.abandoned,
            max_attempts: self.max_attempts,
            admission: Admission::Open,
        }
    }
}
