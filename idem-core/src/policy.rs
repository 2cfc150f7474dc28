//! What an operation does with errors, lapses, duplicates in flight and outcomes that are too large.

use std::time::Duration;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::codec;
use crate::codec::{NotDecoded, NotEncoded};

/// What a lapsed claim means. Its holder is presumed dead, and what it did is unknown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Abandoned {
    /// The body runs again: for effects that may happen twice, or that the downstream deduplicates.
    #[default]
    Rerun,
    /// Nobody runs it again until a person or a reconciler has decided.
    Refuse,
}

impl Abandoned {
    /// The name of this policy as stores write it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Rerun => "rerun",
            Self::Refuse => "refuse",
        }
    }

    /// The policy of this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Rerun, Self::Refuse].into_iter().find(|policy| policy.name() == name)
    }
}

/// What a duplicate gets while the first call runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum InFlight {
    /// An error at once, with the time after which a retry makes sense.
    #[default]
    Reject,
    /// The first call's outcome, if it comes within this time.
    Wait(Duration),
}

/// What happens to an outcome that is too large to store. Its key is done in either case, and never runs again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct OutcomeLimit {
    pub(crate) bytes: usize,
    pub(crate) over: OverLimit,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum OverLimit {
    Marker,
    Error,
}

impl OutcomeLimit {
    /// Over this many bytes the first caller gets the value, and retries get an error that says that the call is done.
    #[must_use]
    pub const fn marker(bytes: usize) -> Self {
        Self { bytes, over: OverLimit::Marker }
    }

    /// Over this many bytes the first caller gets an error too, though the call is done.
    #[must_use]
    pub const fn error(bytes: usize) -> Self {
        Self { bytes, over: OverLimit::Error }
    }
}

impl Default for OutcomeLimit {
    /// A marker over 1 MiB.
    fn default() -> Self {
        Self::marker(1 << 20)
    }
}

/// Whether an error of the body is stored and replayed. One of [`ReleaseErrors`], [`KeepErrors`] and [`KeepErrorsIf`].
pub trait ErrorPolicy<E>: sealed::Sealed {
    /// The text of an error that is kept; `None` if the attempt is released instead.
    #[doc(hidden)]
    fn encode(&self, error: &E) -> Option<Result<String, NotEncoded>>;

    /// The error that was kept.
    #[doc(hidden)]
    fn decode(&self, text: &str) -> Result<E, NotDecoded>;
}

/// Errors are not stored: the next call runs the body again.
#[derive(Debug, Clone, Copy, Default)]
pub struct ReleaseErrors;

/// Every error is stored and replayed.
#[derive(Debug, Clone, Copy)]
pub struct KeepErrors;

/// The errors that a function accepts are stored and replayed.
#[derive(Debug, Clone, Copy)]
pub struct KeepErrorsIf<F>(pub(crate) F);

impl<E> ErrorPolicy<E> for ReleaseErrors {
    fn encode(&self, _error: &E) -> Option<Result<String, NotEncoded>> {
        None
    }

    fn decode(&self, _text: &str) -> Result<E, NotDecoded> {
        Err(NotDecoded::NotKept)
    }
}

impl<E: Serialize + DeserializeOwned> ErrorPolicy<E> for KeepErrors {
    fn encode(&self, error: &E) -> Option<Result<String, NotEncoded>> {
        Some(codec::encode(error))
    }

    fn decode(&self, text: &str) -> Result<E, NotDecoded> {
        codec::decode(text)
    }
}

impl<E: Serialize + DeserializeOwned, F: Fn(&E) -> bool> ErrorPolicy<E> for KeepErrorsIf<F> {
    fn encode(&self, error: &E) -> Option<Result<String, NotEncoded>> {
        (self.0)(error).then(|| codec::encode(error))
    }

    fn decode(&self, text: &str) -> Result<E, NotDecoded> {
        codec::decode(text)
    }
}

mod sealed {
    /// A policy decides what is stored, so the set of them is closed.
    pub trait Sealed {}

    impl Sealed for super::ReleaseErrors {}
    impl Sealed for super::KeepErrors {}
    impl<F> Sealed for super::KeepErrorsIf<F> {}
}
