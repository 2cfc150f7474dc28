//! What can go wrong in a store.

use std::borrow::Cow;
use std::fmt;

type Source = Box<dyn std::error::Error + Send + Sync>;

/// What went wrong in a store.
///
/// Its text and its `Debug` are of our own words. The backend's words, which may quote what was sent to it, such as a key,
/// are at [`source`](std::error::Error::source).
pub struct StoreError {
    kind: Kind,
    code: Option<Cow<'static, str>>,
    source: Option<Source>,
}

#[derive(Debug)]
enum Kind {
    ClaimLost,
    Unavailable,
    NotNow(String),
    Corrupt(String),
    Refused(String),
}

impl StoreError {
    /// The record is not running under the caller's claim.
    #[must_use]
    pub fn claim_lost() -> Self {
        Self::of(Kind::ClaimLost, None)
    }

    /// The backend did not answer, or not in time: what was sent may have taken effect.
    #[must_use]
    pub fn unavailable(source: impl Into<Source>) -> Self {
        Self::of(Kind::Unavailable, Some(source.into()))
    }

    /// The backend answered that it will not now, and nothing took effect: no connection was free, a lock timeout,
    /// the statement gave way to another one, the server takes no writes at the moment, the disk or the memory is full. The
    /// same call may succeed later. `what` says what to do about it if it lasts.
    #[must_use]
    pub fn not_now(what: impl Into<String>, source: Option<Source>) -> Self {
        Self::of(Kind::NotNow(what.into()), source)
    }

    /// The backend holds something that no release of this library wrote.
    #[must_use]
    pub fn corrupt(what: impl Into<String>) -> Self {
        Self::of(Kind::Corrupt(what.into()), None)
    }

    /// The backend answered that it will not: a table or a permission is missing, or it cannot hold the value. Nothing took
    /// effect, and trying again does not help until somebody mends it.
    #[must_use]
    pub fn refused(what: impl Into<String>, source: Option<Source>) -> Self {
        Self::of(Kind::Refused(what.into()), source)
    }

    /// The same error with the backend's own code for it: an SQLSTATE, an error number, the first word of Redis' answer.
    /// Events show it, and not the backend's message, which may quote a key or an outcome.
    #[must_use]
    pub fn with_code(self, code: impl Into<Cow<'static, str>>) -> Self {
        Self { code: Some(code.into()), ..self }
    }

    /// The backend's own code for this error, if it gave one.
    #[must_use]
    pub fn code(&self) -> Option<&str> {
        self.code.as_deref()
    }

    /// Whether the claim belongs to somebody else by now.
    #[must_use]
    pub fn is_claim_lost(&self) -> bool {
        matches!(self.kind, Kind::ClaimLost)
    }

    /// Whether the same call may succeed later. Whether it may also have taken effect already, [`is_ambiguous`] says.
    ///
    /// [`is_ambiguous`]: Self::is_ambiguous
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        matches!(self.kind, Kind::Unavailable | Kind::NotNow(_))
    }

    /// Whether nobody knows if the call took effect. The same call, repeated, finds out.
    #[must_use]
    pub fn is_ambiguous(&self) -> bool {
        matches!(self.kind, Kind::Unavailable)
    }

    /// Whether the backend refuses the call until somebody mends something. Nothing took effect.
    #[must_use]
    pub fn is_refused(&self) -> bool {
        matches!(self.kind, Kind::Refused(_))
    }

    /// Whether the backend holds something that no release of this library wrote.
    #[must_use]
    pub fn is_corrupt(&self) -> bool {
        matches!(self.kind, Kind::Corrupt(_))
    }

    fn of(kind: Kind, source: Option<Source>) -> Self {
        Self { kind, code: None, source }
    }
}

/// Without the source: databases quote the row that they refuse, keys and outcomes included.
impl fmt::Debug for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("StoreError");
        shown.field("kind", &self.kind).field("code", &self.code);
        if self.source.is_some() { shown.finish_non_exhaustive() } else { shown.finish() }
    }
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.kind {
            Kind::ClaimLost => f.write_str("the claim is held by somebody else, or has ended"),
            Kind::Unavailable => f.write_str("the store did not answer; try again"),
            Kind::Corrupt(what) => write!(f, "the store holds what idem did not write: {what}"),
            Kind::NotNow(what) | Kind::Refused(what) => f.write_str(what),
        }
    }
}

impl std::error::Error for StoreError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.source.as_deref().map(|source| source as _)
    }
}
