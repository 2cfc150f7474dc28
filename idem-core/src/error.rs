//! The one error of this library.

use std::borrow::Cow;
use std::fmt;
use std::time::Duration;

use crate::codec::NotDecoded;
use crate::{Key, Scope, StoreError};

/// Why a call got no outcome.
///
/// Opaque: ask it. Its text says what to do, and never shows a key, a payload or an outcome.
pub struct Error(Box<Inner>);

struct Inner {
    reason: Reason,
    key: Option<Key>,
}

#[derive(Debug)]
pub(crate) enum Reason {
    InProgress {
        lease_left: Duration,
    },
    WaitTimeout {
        lease_left: Duration,
    },
    Mismatch,
    Abandoned,
    ClaimLost,
    Exhausted {
        attempts: u32,
    },
    NotIssued,
    InTransaction,
    Undone,
    Reentrant,
    Corrupt(NotDecoded),
    OutcomeVersion {
        stored: u32,
        expected: u32,
    },
    Omitted,
    TooLarge {
        bytes: usize,
        limit: usize,
    },
    Store(StoreError),
    /// As `Store`, after the body has run.
    NotStored(StoreError),
    Draining,
    Misuse(Cow<'static, str>),
}

impl Error {
    pub(crate) fn new(reason: Reason, key: &Key) -> Self {
        Self(Box::new(Inner { reason, key: Some(key.clone()) }))
    }

    pub(crate) fn unkeyed(reason: Reason) -> Self {
        Self(Box::new(Inner { reason, key: None }))
    }

    /// A token that no key can be made of. Its text is that of any other that was not issued.
    pub(crate) fn not_issued() -> Self {
        Self::unkeyed(Reason::NotIssued)
    }

    pub(crate) fn misuse(what: impl Into<Cow<'static, str>>) -> Self {
        Self::unkeyed(Reason::Misuse(what.into()))
    }

    pub(crate) fn reason(&self) -> &Reason {
        &self.0.reason
    }

    /// Whether another call with this key is running. Try again after [`retry_after`](Self::retry_after).
    #[must_use]
    pub fn is_in_progress(&self) -> bool {
        matches!(self.0.reason, Reason::InProgress { .. } | Reason::WaitTimeout { .. } | Reason::InTransaction)
    }

    /// Whether the call waited for another one for as long as it was told to.
    #[must_use]
    pub fn is_wait_timeout(&self) -> bool {
        matches!(self.0.reason, Reason::WaitTimeout { .. })
    }

    /// Whether the key was used with another payload: a mistake of the caller.
    #[must_use]
    pub fn is_mismatch(&self) -> bool {
        matches!(self.0.reason, Reason::Mismatch)
    }

    /// Whether nobody knows what an earlier call did (it died, was dropped, or said so), and nothing runs before an operator has
    /// resolved the key.
    #[must_use]
    pub fn is_abandoned(&self) -> bool {
        matches!(self.0.reason, Reason::Abandoned)
    }

    /// Whether the body ran, but somebody took the claim over meanwhile and has no outcome yet.
    #[must_use]
    pub fn is_claim_lost(&self) -> bool {
        matches!(self.0.reason, Reason::ClaimLost)
    }

    /// Whether all attempts were used without an outcome.
    #[must_use]
    pub fn is_exhausted(&self) -> bool {
        matches!(self.0.reason, Reason::Exhausted { .. })
    }

    /// Whether the caller may not use this token: it is unknown, has expired, is forged or of another form, was
    /// issued for another operation, or to somebody else. Which of these it is, the text of this error does not tell.
    #[must_use]
    pub fn is_not_issued(&self) -> bool {
        matches!(self.0.reason, Reason::NotIssued)
    }

    /// Whether the body called its own operation with its own key.
    #[must_use]
    pub fn is_reentrant(&self) -> bool {
        matches!(self.0.reason, Reason::Reentrant)
    }

    /// Whether what is stored cannot be read. The body did not run again.
    #[must_use]
    pub fn is_corrupt(&self) -> bool {
        match &self.0.reason {
            Reason::Corrupt(_) => true,
            Reason::Store(error) | Reason::NotStored(error) => error.is_corrupt(),
            _ => false,
        }
    }

    /// The version of the stored outcome and the one that the operation expects, if they differ. The body did not run
    /// again.
    #[must_use]
    pub fn outcome_version(&self) -> Option<(u32, u32)> {
        match self.0.reason {
            Reason::OutcomeVersion { stored, expected } => Some((stored, expected)),
            _ => None,
        }
    }

    /// Whether the call was done before, and its outcome was not stored: it was over the limit, or JSON cannot hold it.
    #[must_use]
    pub fn is_completed_without_outcome(&self) -> bool {
        matches!(self.0.reason, Reason::Omitted)
    }

    /// Whether the call is done, but its outcome was over the limit, and the operation wants an error then.
    #[must_use]
    pub fn is_outcome_too_large(&self) -> bool {
        matches!(self.0.reason, Reason::TooLarge { .. })
    }

    /// What went wrong in the store, if that is the reason. Whether the body ran, [`body_ran`](Self::body_ran) says.
    #[must_use]
    pub fn store_error(&self) -> Option<&StoreError> {
        match &self.0.reason {
            Reason::Store(error) | Reason::NotStored(error) => Some(error),
            _ => None,
        }
    }

    /// Whether the body ran in this call, though the call has no outcome: its claim was lost, its outcome is too large, or the
    /// outcome could not be stored in the caller's transaction, which is to be rolled back then.
    #[must_use]
    pub fn body_ran(&self) -> bool {
        matches!(self.0.reason, Reason::ClaimLost | Reason::TooLarge { .. } | Reason::NotStored(_) | Reason::Undone)
    }

    /// Whether this process comes to its end, and takes no new calls, see [`drained`](crate::drained). Another one may.
    #[must_use]
    pub fn is_draining(&self) -> bool {
        matches!(self.0.reason, Reason::Draining)
    }

    /// Whether the operation itself is at fault: an empty key, an option out of bounds, a scope that two functions share.
    #[must_use]
    pub fn is_misuse(&self) -> bool {
        matches!(self.0.reason, Reason::Misuse(_))
    }

    /// Whether the same call with the same key may succeed later.
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        match &self.0.reason {
            Reason::InProgress { .. }
            | Reason::WaitTimeout { .. }
            | Reason::InTransaction
            | Reason::ClaimLost
            | Reason::Draining => true,
            Reason::Store(error) | Reason::NotStored(error) => error.is_retryable(),
            _ => false,
        }
    }

    /// After how long a retry makes sense, if the call that holds the key told so.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        match self.0.reason {
            Reason::InProgress { lease_left } | Reason::WaitTimeout { lease_left } => Some(lease_left),
            _ => None,
        }
    }

    /// The key of the call, for the server's own code: with it the record can be [looked up](crate::Store::lookup). Not
    /// for the client, and not in the text of this error.
    #[must_use]
    pub fn key(&self) -> Option<&Key> {
        self.0.key.as_ref()
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // What is no token has no scope, and must not be told from what is one.
        let key = self.key().filter(|_| !self.is_not_issued());
        if let Some(scope) = key.map(Key::scope).map(Scope::as_str) {
            write!(f, "{scope}: ")?;
        }
        self.0.reason.fmt(f)
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::InProgress { lease_left } => {
                write!(f, "another call with this key is running; try again within {lease_left:.1?}")
            }
            Self::WaitTimeout { .. } => f.write_str("waited for another call with this key, which still runs; try again"),
            Self::Mismatch => f.write_str("the key was used before with another payload; use a new key for a new call"),
            Self::Abandoned => f.write_str(
                "nobody knows what an earlier call with this key did; find out, then settle it with `resolve`",
            ),
            Self::ClaimLost => f.write_str(
                "the lease of this call ran out and another call took the key over; try again for its outcome",
            ),
            Self::Exhausted { attempts } => write!(f, "gave up on this key after {attempts} attempts without an outcome"),
            Self::NotIssued => f.write_str("the token is unknown or has expired; ask for a new one"),
            Self::InTransaction => f.write_str("another transaction with this key is open; try again once it has ended"),
            Self::Undone => f.write_str(
                "the body undid the claim of its own call: it rolled back, or ended the transaction; leave that to its owner",
            ),
            Self::Reentrant => f.write_str(
                "the body calls its own operation with its own key, which would wait for itself; use another key or scope",
            ),
            Self::Corrupt(error) => write!(f, "the stored outcome cannot be read: {error}; the body did not run again"),
            Self::OutcomeVersion { stored, expected } => write!(
                f,
                "the stored outcome is of version {stored}, and the operation expects {expected}; the body did not run again"
            ),
            Self::Omitted => f.write_str("the call was done before, but its outcome could not be stored"),
            Self::TooLarge { bytes, limit } => write!(
                f,
                "the call is done, but its outcome of {bytes} bytes is over the limit of {limit}; return less, or raise it; \
                 bytes are about a third as long if they are kept as base64 text"
            ),
            Self::Store(error) => error.fmt(f),
            Self::NotStored(error) => {
                write!(f, "the body ran, and its outcome could not be stored, so roll the transaction back: {error}")
            }
            Self::Draining => f.write_str("this process is ending and takes no new calls; try again at another one"),
            Self::Misuse(what) => f.write_str(what),
        }
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Errors are logged by their `Debug`, and keys are not to be.
        let scope = self.key().map(|key| key.scope().as_str());
        f.debug_struct("Error").field("reason", &self.0.reason).field("scope", &scope).finish_non_exhaustive()
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match &self.0.reason {
            // The text of this error is already that of the store's.
            Reason::Store(error) | Reason::NotStored(error) => error.source(),
            _ => None,
        }
    }
}
