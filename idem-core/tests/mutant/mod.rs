//! A store with one defect: the memory store, written again with a mistake that an author of a store may make.

mod deaf;
mod defect;
mod store;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use async_trait::async_trait;
use idem_core::contract::Backend;
use idem_core::decision::{decide_claim, is_expired};
use idem_core::{
    Abandoned, Claim, ClaimDecision, ClaimId, ClaimRequest, Fence, Key, Outcome, Record, Scope, State, Store, Timestamp,
};

pub(crate) use defect::Defect;

/// Two instances of one are on the same records.
#[derive(Clone)]
pub(crate) struct Mutant {
    records: Arc<Mutex<HashMap<Key, Record>>>,
    fences: Arc<Mutex<HashMap<Key, i64>>>,
    defect: Defect,
    /// How far the clock of this instance's application is ahead.
    ahead: Duration,
}

pub(crate) struct Mutants {
    first: Mutant,
    opened: Mutex<u32>,
}

impl Mutants {
    pub(crate) fn with(defect: Defect) -> Self {
        let first = Mutant { records: Arc::default(), fences: Arc::default(), defect, ahead: Duration::ZERO };
        Self { first, opened: Mutex::default() }
    }
}

#[async_trait]
impl Backend for Mutants {
    async fn open() -> Self {
        Self::with(Defect::Nothing)
    }

    async fn store(&self) -> Arc<dyn Store> {
        let mut opened = self.opened.lock().unwrap_or_else(PoisonError::into_inner);
        let ahead = Duration::from_hours(1) * *opened;
        *opened += 1;
        Arc::new(Mutant { ahead, ..self.first.clone() })
    }
}

impl Mutant {
    fn has(&self, defect: Defect) -> bool {
        self.defect == defect
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Key, Record>> {
        self.records.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn now(&self) -> Timestamp {
        let since_epoch = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        let ahead = if self.has(Defect::ClockOfTheCaller) { self.ahead } else { Duration::ZERO };
        Timestamp::from_micros(0) + since_epoch + ahead
    }

    /// The key as this store compares it.
    fn key(&self, key: &Key) -> Key {
        let (scope, text) = (key.scope().clone(), key.text());
        match self.defect {
            Defect::IgnoresTheCaseOfKeys => Key::from_stored(scope, text.to_lowercase()),
            Defect::TrimsKeys => Key::from_stored(scope, text.replace(" \"", "\"")),
            Defect::IgnoresScopes => Key::from_stored(Scope::from_static("all"), text),
            _ => key.clone(),
        }
    }

    fn expired(&self, record: &Record, now: Timestamp) -> bool {
        is_expired(record, now) && !self.has(Defect::ExpiresOnlyByPurge)
    }

    /// What the decision is to see, so that it comes out wrong.
    fn asked(&self, found: Option<&Record>, now: Timestamp, request: &ClaimRequest) -> ClaimRequest {
        let mut asked = request.clone();
        let state = found.filter(|record| !self.expired(record, now)).map(|record| &record.state);
        let is_live = matches!(state, Some(State::Running { lease_until, .. }) if *lease_until > now);
        let is_done = matches!(state, Some(State::Finished(_)));
        let forgets = match self.defect {
            Defect::ClaimIgnoresFingerprints => true,
            Defect::ChecksFingerprintsOnlyOfOutcomes => !is_done,
            Defect::ChecksFingerprintsOnlyOfLiveClaims => !is_live,
            _ => false,
        };
        if forgets {
            asked.fingerprint = None;
        }
        if self.has(Defect::ComparesOnlyTheDigest)
            && let (Some(fingerprint), Some(found)) = (asked.fingerprint, found.and_then(|record| record.fingerprint))
            && fingerprint.digest() == found.digest()
        {
            asked.fingerprint = None;
        }
        if self.has(Defect::RepeatedClaimIsInProgress) {
            asked.claim_id = ClaimId::random();
        }
        if self.has(Defect::TakesOverWhatIsToBeRefused) {
            asked.abandoned = Abandoned::Rerun;
        }
        if self.has(Defect::IgnoresMaxAttempts) {
            asked.max_attempts = None;
        }
        if self.has(Defect::IgnoresAdmission) {
            asked.admission = idem_core::Admission::Open;
        }
        asked
    }

    fn decide(&self, found: Option<&Record>, now: Timestamp, request: &ClaimRequest) -> ClaimDecision {
        let mut seen = found.cloned();
        if let Some(record) = &mut seen {
            if self.has(Defect::ExpiresOnlyByPurge) {
                record.expires_at = now + Duration::from_secs(1);
            }
            match &mut record.state {
                State::Running { abandoned, .. } if self.has(Defect::TakesOverWhatIsToBeRefused) => {
                    *abandoned = Abandoned::Rerun;
                }
                State::Running { lease_until, .. } if self.has(Defect::TakesOverLiveClaims) => *lease_until = now,
                State::Running { lease_until, .. } if self.has(Defect::NeverTakesOver) => {
                    *lease_until = now + Duration::from_secs(1);
                }
                _ => {}
            }
        }
        let mut decision = decide_claim(seen.as_ref(), now, &self.asked(found, now, request));
        if let ClaimDecision::Acquired(claim) = &mut decision {
            claim.claim_id = request.claim_id;
            let mut fences = self.fences.lock().unwrap_or_else(PoisonError::into_inner);
            let last = fences.entry(request.key.clone()).or_default();
            match self.defect {
                Defect::FencesCountFromOne => {
                    claim.fence = Fence::from_number(found.map_or(0, |record| record.fence.number()) + 1);
                }
                Defect::FencesStay => {
                    *last = (*last).max(1);
                    claim.fence = Fence::from_number(*last);
                }
                _ => {}
            }
        }
        decision
    }

    fn claimed(&self, request: &ClaimRequest, claim: &Claim, now: Timestamp, found: Option<&Record>) -> Record {
        let mut record = Record::claimed(request, claim, now, found);
        if let State::Running { lease_until, abandoned } = &mut record.state {
            match self.defect {
                Defect::ClaimsWithoutALease => *lease_until = now + Duration::MAX,
                Defect::LeaseIgnoresTheRequest => *lease_until = now + Duration::from_secs(30),
                Defect::ForgetsThePolicyOfAClaim => *abandoned = Abandoned::Rerun,
                Defect::RepeatedClaimKeepsItsLease => {
                    if let Some(Record {
                        claim_id: Some(id), state: State::Running { lease_until: before, .. }, ..
                    }) = found
                        && *id == claim.claim_id
                    {
                        *lease_until = *before;
                    }
                }
                _ => {}
            }
        }
        if self.has(Defect::KeepsTheFingerprintOfTheFirstAttempt)
            && let Some(before) = found
        {
            record.fingerprint = before.fingerprint;
        }
        record
    }

    /// The outcome as this store keeps it.
    fn kept(&self, outcome: &Outcome) -> Outcome {
        let mut kept = outcome.clone();
        match self.defect {
            Defect::CutsOutcomes => kept.text = outcome.text.chars().take(65_535).collect::<String>().into(),
            Defect::ForgetsTheKindOfAnOutcome => kept.kind = idem_core::OutcomeKind::Value,
            Defect::ForgetsTheVersionOfAnOutcome => kept.version = 1,
            Defect::ForgetsTheCodecOfAnOutcome => kept.codec = idem_core::Codec::Json,
            Defect::MakesNullNothing if &*outcome.text == "null" => kept.text = "".into(),
            _ => {}
        }
        kept
    }
}
