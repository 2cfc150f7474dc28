//! What an operation does with errors, lapses, duplicates in flight and outcomes that are too large.

use std::time::Duration;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::codec;
use crate::codec::{NotDecoded, NotEncoded};
use crate::engine::Fate;

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

/// What becomes of the claim of a call that is dropped while its body runs: by a timeout, by `select!`, by a client that hung
/// up. The body is dropped too, and what it has set going may go on elsewhere.
///
/// In both cases the body is dropped at once. To let it finish, wrap the call in [`to_the_end`](crate::to_the_end).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Dropped {
    /// The claim stands until its lease runs out, and the next call is told so. What the body has set going has that long to
    /// end, so that a retry right after a timeout does not have the effect twice at once.
    #[default]
    Lapse,
    /// The next call runs at once: for bodies that have no effect, or none that matters twice. Under [`Abandoned::Refuse`] the
    /// claim lapses all the same: what the body did is unknown.
    Release,
}

/// What a duplicate gets while the first call runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum InFlight {
    /// An error at once, with the time after which a retry makes sense.
    #[default]
    Reject,
    /// The first call's outcome, if it comes within this time. The time also bounds the first question to the store, which has at
    /// least 250 ms for its answer: without one the call ends with an error.
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
    /// A marker over 960 KiB: with what stands around it, an outcome fits into a statement of 1 MiB, which is the least that
    /// a server is set up to accept.
    fn default() -> Self {
        Self::marker(960 << 10)
    }
}

/// What becomes of an error of the body. One of [`ReleaseErrors`], [`KeepErrors`] and [`KeepErrorsIf`], or [`UnknownIf`] over
/// one of these.
pub trait ErrorPolicy<E>: sealed::Sealed {
    /// What becomes of the error.
    #[doc(hidden)]
    fn fate(&self, error: &E) -> Fate;

    /// The text of an error that is kept.
    #[doc(hidden)]
    fn encode(&self, error: &E) -> Result<String, NotEncoded>;

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

/// After the errors that a function accepts nobody knows what the body did, so nobody runs the key again before a person has
/// decided. The others are as `Errors` says.
#[derive(Debug, Clone, Copy)]
pub struct UnknownIf<F, Errors = ReleaseErrors> {
    pub(crate) unknown: F,
    pub(crate) errors: Errors,
}

impl<E> ErrorPolicy<E> for ReleaseErrors {
    fn fate(&self, _error: &E) -> Fate {
        Fate::Release
    }

    fn encode(&self, _error: &E) -> Result<String, NotEncoded> {
        Err(NotEncoded::not_kept())
    }

    fn decode(&self, _text: &str) -> Result<E, NotDecoded> {
        Err(NotDecoded::NotKept)
    }
}

impl<E: Serialize + DeserializeOwned> ErrorPolicy<E> for KeepErrors {
    fn fate(&self, _error: &E) -> Fate {
        Fate::Keep
    }

    fn encode(&self, error: &E) -> Result<String, NotEncoded> {
        codec::encode(error)
    }

    fn decode(&self, text: &str) -> Result<E, NotDecoded> {
        codec::decode(text)
    }
}

impl<E: Serialize + DeserializeOwned, F: Fn(&E) -> bool> ErrorPolicy<E> for KeepErrorsIf<F> {
    fn fate(&self, error: &E) -> Fate {
        if (self.0)(error) { Fate::Keep } else { Fate::Release }
    }

    fn encode(&self, error: &E) -> Result<String, NotEncoded> {
        codec::encode(error)
    }

    fn decode(&self, text: &str) -> Result<E, NotDecoded> {
        codec::decode(text)
    }
}

impl<E, F: Fn(&E) -> bool, Errors: ErrorPolicy<E>> ErrorPolicy<E> for UnknownIf<F, Errors> {
    fn fate(&self, error: &E) -> Fate {
        if (self.unknown)(error) { Fate::Unknown } else { self.errors.fate(error) }
    }

    fn encode(&self, error: &E) -> Result<String, NotEncoded> {
        self.errors.encode(error)
    }

    fn decode(&self, text: &str) -> Result<E, NotDecoded> {
        self.errors.decode(text)
    }
}

pub(crate) mod sealed {
    use super::{KeepErrors, KeepErrorsIf, ReleaseErrors, UnknownIf};

    /// A policy decides what is stored, so the set of them is closed.
    pub trait Sealed {
        /// This policy with `Known` for the errors whose effect is known. The errors whose effect is unknown stay so, in whichever
        /// order the two are said.
        type For<Known>;

        fn for_known<Known>(self, known: Known) -> Self::For<Known>;
    }

    impl Sealed for ReleaseErrors {
        type For<Known> = Known;

        fn for_known<Known>(self, known: Known) -> Known {
            known
        }
    }

    impl Sealed for KeepErrors {
        type For<Known> = Known;

        fn for_known<Known>(self, known: Known) -> Known {
            known
        }
    }

    impl<F> Sealed for KeepErrorsIf<F> {
        type For<Known> = Known;

        fn for_known<Known>(self, known: Known) -> Known {
            known
        }
    }

    impl<F, Errors: Sealed> Sealed for UnknownIf<F, Errors> {
        type For<Known> = UnknownIf<F, Errors::For<Known>>;

        fn for_known<Known>(self, known: Known) -> Self::For<Known> {
            UnknownIf { unknown: self.unknown, errors: self.errors.for_known(known) }
        }
    }
}
