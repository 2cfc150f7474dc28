//! What can go wrong in a store.

use std::fmt;

type Source = Box<dyn std::error::Error + Send + Sync>;

/// What went wrong in a store.
#[derive(Debug)]
pub struct StoreError {
    kind: Kind,
    source: Option<Source>,
}

#[derive(Debug)]
enum Kind {
    ClaimLost,
    Unavailable,
    Corrupt(String),
    Refused(String),
}

impl StoreError {
    /// The record is not running under the caller's claim.
    #[must_use]
    pub fn claim_lost() -> Self {
        Self { kind: Kind::ClaimLost, source: None }
    }

    /// The backend did not answer, or not in time: what was sent may have taken effect.
    #[must_use]
    pub fn unavailable(source: impl Into<Source>) -> Self {
        Self { kind: Kind::Unavailable, source: Some(source.into()) }
    }

    /// The backend holds something that no release of this library wrote.
    #[must_use]
    pub fn corrupt(what: impl Into<String>) -> Self {
        Self { kind: Kind::Corrupt(what.into()), source: None }
    }

    /// The backend answered that it will not: a table is missing, a permission, space. Trying again does not help until
    /// somebody mends it.
    #[must_use]
    pub fn refused(what: impl Into<String>, source: Option<Source>) -> Self {
        Self { kind: Kind::Refused(what.into()), source }
    }

    /// Whether the claim belongs to somebody else by now.
    #[must_use]
    pub fn is_claim_lost(&self) -> bool {
        matches!(self.kind, Kind::ClaimLost)
    }

    /// Whether the same call may succeed later; it may also have taken effect already.
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        matches!(self.kind, Kind::Unavailable)
    }

    /// Whether the backend holds something that no release of this library wrote.
    #[must_use]
    pub fn is_corrupt(&self) -> bool {
        matches!(self.kind, Kind::Corrupt(_))
    }
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.kind {
            Kind::ClaimLost => f.write_str("the claim is held by somebody else, or has ended"),
            Kind::Unavailable => f.write_str("the store did not answer; try again"),
            Kind::Corrupt(what) => write!(f, "the store holds what idem did not write: {what}"),
            Kind::Refused(what) => f.write_str(what),
        }
    }
}

impl std::error::Error for StoreError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.source.as_deref().map(|source| source as _)
    }
}
