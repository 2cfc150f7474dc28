//! What one call gets.

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::codec::{self, NotDecoded, NotEncoded};
use crate::engine::{Fate, Returning};
use crate::{Error, ErrorPolicy, OutcomeKind};

/// What a call got, and where from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Answer<T> {
    /// The body ran in this call.
    Executed(T),
    /// The body ran in an earlier call, or in one that this call waited for.
    Replayed(T),
}

impl<T> Answer<T> {
    /// The value.
    pub fn into_inner(self) -> T {
        match self {
            Self::Executed(value) | Self::Replayed(value) => value,
        }
    }

    /// Whether the body ran in an earlier call.
    pub fn is_replayed(&self) -> bool {
        matches!(self, Self::Replayed(_))
    }
}

/// What the engine must know of a `Result` whose errors are kept by a policy.
pub(super) struct Kept<Errors>(pub(super) Errors);

impl<T, E, Errors> Returning<Result<T, E>> for Kept<Errors>
where
    T: Serialize + DeserializeOwned,
    E: From<Error>,
    Errors: ErrorPolicy<E>,
{
    type Answer = Result<Answer<T>, E>;

    fn kind(&self, returned: &Result<T, E>) -> OutcomeKind {
        if returned.is_ok() { OutcomeKind::Value } else { OutcomeKind::Error }
    }

    fn fate(&self, returned: &Result<T, E>) -> Fate {
        returned.as_ref().map_or_else(|error| self.0.fate(error), |_| Fate::Keep)
    }

    fn encode(&self, returned: &Result<T, E>) -> Result<String, NotEncoded> {
        match returned {
            Ok(value) => codec::encode(value),
            Err(error) => self.0.encode(error),
        }
    }

    fn decode(&self, kind: OutcomeKind, text: &str) -> Result<Result<T, E>, NotDecoded> {
        match kind {
            OutcomeKind::Value => codec::decode(text).map(Ok),
            OutcomeKind::Error => self.0.decode(text).map(Err),
        }
    }

    fn executed(&self, returned: Result<T, E>) -> Self::Answer {
        returned.map(Answer::Executed)
    }

    fn replayed(&self, returned: Result<T, E>) -> Self::Answer {
        returned.map(Answer::Replayed)
    }

    fn refused(&self, error: Error) -> Self::Answer {
        Err(error.into())
    }
}
