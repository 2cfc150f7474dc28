//! What a store keeps of a key.

mod outcome;
mod random;
mod stored;

use std::fmt;
use std::str::FromStr;

pub use outcome::{Codec, Outcome, OutcomeKind};
pub use stored::StoredRecord;

use crate::{Abandoned, Error, Fingerprint, Key, Timestamp, hex};

/// Everything that a store keeps of one key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// The scope and the key.
    pub key: Key,
    /// Where the key is in its life.
    pub state: State,
    /// Who claimed the key last; absent while a token is unused, and once an operator has settled the key.
    pub claim_id: Option<ClaimId>,
    /// The fence of the last claim; while a token is unused, a number that every claim of it will exceed.
    pub fence: Fence,
    /// How many claims were made since the key was last free.
    pub attempts: u32,
    /// The fingerprint of the payload of the last claim, if the operation has one.
    pub fingerprint: Option<Fingerprint>,
    /// When the record ends, see [`decision::is_expired`](crate::decision::is_expired).
    pub expires_at: Timestamp,
    /// When the key was first claimed, or issued as a token.
    pub created_at: Timestamp,
    /// When the record was last written.
    pub updated_at: Timestamp,
}

/// Where a key is in its life. Lapsed is not a state: it is `Running` with `lease_until` past.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    /// A token was handed out and is unused.
    Issued,
    /// Claimed.
    Running {
        /// How long the claim stands without a sign of life.
        lease_until: Timestamp,
        /// What the claim said of its own lapse.
        abandoned: Abandoned,
    },
    /// An attempt ended with nothing to keep.
    Released,
    /// The body returned a value, or an error that the policy keeps.
    Finished(Outcome),
}

impl State {
    /// The name of this state as stores write it: `issued`, `running`, `released`, `completed` or `failed`.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Issued => "issued",
            Self::Running { .. } => "running",
            Self::Released => "released",
            Self::Finished(outcome) => outcome.kind.state_name(),
        }
    }
}

/// Who holds a claim: 128 random bits, so that neither a process id nor a host name can come back as somebody else.
///
/// It is written, and read, as 32 lower-case hex digits.
///
/// ```
/// use idem_core::ClaimId;
///
/// let claim_id = ClaimId::random();
/// assert_eq!(claim_id.to_string().parse::<ClaimId>()?, claim_id);
/// # Ok::<(), idem_core::Error>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct ClaimId(u128);

impl ClaimId {
    /// A new claim id, unlike any other: of the operating system's random numbers, since a generator in the process would
    /// repeat itself after a fork.
    ///
    /// # Panics
    ///
    /// If the operating system has no random numbers.
    #[must_use]
    pub fn random() -> Self {
        Self::random_in(std::process::id())
    }

    /// The claim id of these bytes, for the authors of stores.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(u128::from_be_bytes(bytes))
    }

    /// The bytes of this claim id, for the authors of stores.
    #[must_use]
    pub const fn to_bytes(self) -> [u8; 16] {
        self.0.to_be_bytes()
    }
}

impl fmt::Debug for ClaimId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ClaimId({self})")
    }
}

impl fmt::Display for ClaimId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", self.0)
    }
}

/// Reads exactly what `Display` writes: stores compare these texts byte for byte, so another spelling is another claim.
impl FromStr for ClaimId {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        hex::decode(text).map(Self::from_bytes).ok_or_else(|| Error::misuse("a claim id is 32 lower-case hex digits"))
    }
}

/// A number that grows with every claim of a key, across takeover, release, expiry and purge.
///
/// Hand it to a downstream system that can compare it, and that system can refuse a zombie.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Fence(i64);

impl Fence {
    /// The fence of this number, for the authors of stores.
    #[must_use]
    pub const fn from_number(number: i64) -> Self {
        Self(number)
    }

    /// The number, always positive.
    #[must_use]
    pub const fn number(self) -> i64 {
        self.0
    }

    /// The fence of a claim made at `now`: greater than `last`, and than any fence from before a purge, since the
    /// clock has moved on from those.
    #[must_use]
    pub fn next(last: Option<Self>, now: Timestamp) -> Self {
        let after_last = last.map_or(1, |last| last.0.saturating_add(1));
        Self(after_last.max(now.as_micros()))
    }
}

impl fmt::Display for Fence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}
