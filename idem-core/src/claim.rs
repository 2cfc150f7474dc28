//! What is asked of a store, and what it answers.

use std::num::NonZeroU32;
use std::time::Duration;

use crate::{Abandoned, ClaimId, Fence, Fingerprint, Key, Outcome, StoreError};

/// A request for the right to execute.
#[derive(Debug, Clone)]
pub struct ClaimRequest {
    /// What is to be claimed.
    pub key: Key,
    /// Who claims. A request that is repeated after a lost acknowledgement repeats it, and finds its own claim.
    pub claim_id: ClaimId,
    /// The fingerprint of the payload, if the operation has one.
    pub fingerprint: Option<Fingerprint>,
    /// How long the claim stands without a sign of life.
    pub lease: Duration,
    /// How long an outcome is kept; a claim that is never finished is forgotten this long after its lease.
    pub retention: Duration,
    /// What this request does when it finds a lapsed claim. The record keeps it: under [`Abandoned::Refuse`] a claim
    /// that lapses is never forgotten.
    pub abandoned: Abandoned,
    /// How many attempts there may be without an outcome.
    pub max_attempts: Option<NonZeroU32>,
    /// Who may claim a key that has no record.
    pub admission: Admission,
}

/// Who may claim a key that has no record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Admission {
    /// Anyone: the client makes up the key.
    #[default]
    Open,
    /// Nobody: the key must have been issued as a token.
    IssuedOnly,
}

/// The right to execute, held by one caller under a lease.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// What was claimed.
    pub key: Key,
    /// Who holds the claim; every write by the holder compares it.
    pub claim_id: ClaimId,
    /// A number that grows with every claim of the key.
    pub fence: Fence,
    /// The number of this attempt, from 1.
    pub attempt: u32,
    /// How the claim came about.
    pub origin: Origin,
}

/// A lease that is to be renewed, see [`Store::extend_all`](crate::Store::extend_all).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Extension {
    /// The claim whose lease it is.
    pub claim: Claim,
    /// How long it is to stand from now.
    pub lease: Duration,
}

/// How a claim came about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Origin {
    /// The key was free.
    Free,
    /// The claim before it lapsed: its holder is presumed dead, and what it did is unknown.
    Takeover,
    /// The request was repeated after a lost acknowledgement, and found its own claim.
    Repeated,
}

/// The answer to a [`ClaimRequest`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ClaimDecision {
    /// The caller holds the claim and executes.
    Acquired(Claim),
    /// The key must have been issued as a token, and was not.
    NotIssued,
    /// Another caller holds the claim.
    InProgress {
        /// The time until its lease runs out, if it is not renewed.
        lease_left: Duration,
    },
    /// The key was used with another payload. Nothing of the record is disclosed.
    Mismatch,
    /// The claim before lapsed, and its outcome is unknown: a person or a reconciler decides.
    Abandoned,
    /// All attempts were used without an outcome.
    Exhausted {
        /// How many there were.
        attempts: u32,
    },
    /// The key is done.
    Replay(Outcome),
}

/// The answer to a token that is to be issued.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum IssueDecision {
    /// The key may be claimed until its lifetime is over, by requests that need an issued token too.
    Issued,
    /// The key has a record already, whatever its state, and it stays as it is.
    Taken,
}

/// How an operator settles a key whose holder is gone.
///
/// ```
/// # use std::time::Duration;
/// use idem_core::{Error, Outcome, Resolution};
/// use serde::{Deserialize, Serialize};
///
/// #[derive(Serialize, Deserialize)]
/// struct Receipt {
///     amount: u64,
/// }
///
/// // The bank has charged it: this is what the function would have returned, and what retries get for a day.
/// let outcome = Outcome::value(&Receipt { amount: 1250 })?;
/// let charged = Resolution::Finish { outcome, retention: Duration::from_secs(86_400) };
/// # let _ = charged;
/// # Ok::<(), Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Resolution {
    /// The effect did not happen: the key may be claimed again, once more also where no attempt is left.
    Rerun,
    /// The effect happened: this is its outcome, and it is kept for the given time.
    Finish {
        /// What every retry gets: made by [`Outcome::value`], or by [`Outcome::error`] where the operation keeps errors. A text
        /// of one's own that is JSON and not what the function's type reads is an error of every retry, for as long as it is kept.
        outcome: Outcome,
        /// How long.
        retention: Duration,
    },
}

impl Resolution {
    /// Whether a retry could read what this stores, whatever its type is; for the authors of stores, who ask it before they write.
    ///
    /// # Errors
    ///
    /// [`refused`](StoreError::refused) if the text of the outcome is not what its codec reads, or its version is 0.
    pub fn check(&self) -> Result<(), StoreError> {
        match self {
            Self::Rerun => Ok(()),
            Self::Finish { outcome, .. } => outcome.check(),
        }
    }
}
