//! The choices of a history, all from its seed.

use std::num::NonZeroU32;
use std::time::Duration;

use rand::RngExt as _;

use super::History;
use super::step::Step;
use crate::{Abandoned, Admission, ClaimId, ClaimRequest, Codec, Fingerprint, Key, Outcome, OutcomeKind, Resolution};

impl History<'_> {
    pub(super) fn choose(&mut self) -> Step {
        let keys = self.keys.clone();
        let key = self.pick(&keys).expect("there are keys");
        let choice = self.random.random_range(0..25);
        match choice {
            0..=8 => return Step::Claim(self.request(key)),
            9 | 10 => return Step::Wait(self.millis(1..9)),
            11 => return Step::Issue(key, self.millis(1..41)),
            12 => return Step::Purge(self.random.random_range(0..4)),
            13 | 14 => {
                let claimed = self.records.get(&key).and_then(|record| record.claim_id);
                return Step::Resolve(key, claimed.unwrap_or_else(ClaimId::random), self.resolution());
            }
            _ => {}
        }
        // Half of the writes are by whoever claimed last, the others by anybody who ever did.
        let recent = self.claims.len().saturating_sub(if self.random.random() { 2 } else { usize::MAX });
        let claims = self.claims[recent..].to_vec();
        match (self.pick(&claims), choice) {
            (None, _) => Step::Claim(self.request(key)),
            (Some(claim), 15..=17) => Step::Extend(claim, self.millis(5..31)),
            (Some(claim), 18..=20) => Step::Complete(claim, self.outcome(), self.millis(1..41)),
            (Some(claim), 21 | 22) => Step::Release(claim),
            (Some(claim), _) => Step::Abandon(claim),
        }
    }

    pub(super) fn request(&mut self, key: Key) -> ClaimRequest {
        let payload = self.random.random_range(0..5_u8);
        ClaimRequest {
            key,
            claim_id: ClaimId::from_bytes(self.random.random()),
            // One in five is of another payload, and one in five does not say.
            fingerprint: (payload > 0).then(|| Fingerprint::of(&(payload == 1)).expect("a `bool` has a fingerprint")),
            lease: self.millis(5..31),
            retention: self.millis(1..41),
            abandoned: if self.random.random_bool(0.3) { Abandoned::Refuse } else { Abandoned::Rerun },
            max_attempts: NonZeroU32::new(self.random.random_range(0..4)),
            admission: if self.random.random_bool(0.1) { Admission::IssuedOnly } else { Admission::Open },
        }
    }

    pub(super) fn outcome(&mut self) -> Outcome {
        let kind = if self.random.random() { OutcomeKind::Value } else { OutcomeKind::Error };
        let codec = if self.random.random_bool(0.9) { Codec::Json } else { Codec::Omitted };
        let text = if codec == Codec::Json { self.random.random::<u32>().to_string() } else { String::new() };
        Outcome { kind, codec, version: self.random.random_range(1..4), text: text.into() }
    }

    fn resolution(&mut self) -> Resolution {
        if self.random.random() {
            return Resolution::Rerun;
        }
        Resolution::Finish { outcome: self.outcome(), retention: self.millis(1..41) }
    }

    fn millis(&mut self, range: std::ops::Range<u64>) -> Duration {
        Duration::from_millis(self.random.random_range(range))
    }

    fn pick<T: Clone>(&mut self, from: &[T]) -> Option<T> {
        (!from.is_empty()).then(|| from[self.random.random_range(0..from.len())].clone())
    }
}
