//! What the engine asks about what a function returned.

use super::{Failure, Kept, Returns};
use crate::codec::{NotDecoded, NotEncoded};
use crate::engine::{Fate, Returning};
use crate::{Error, OutcomeKind};

impl<R, T, E> Returning<R> for Returns<R, T, E> {
    type Answer = R;

    fn kind(&self, returned: &R) -> OutcomeKind {
        if (self.view)(returned).is_ok() { OutcomeKind::Value } else { OutcomeKind::Error }
    }

    fn fate(&self, returned: &R) -> Fate {
        let Failure { kept, unknown, .. } = &self.failure;
        match (self.view)(returned) {
            Ok(_) => Fate::Keep,
            Err(error) if unknown.is_some_and(|unknown| unknown(error)) => Fate::Unknown,
            Err(error) if kept.as_ref().is_some_and(|kept| (kept.keep)(error)) => Fate::Keep,
            Err(_) => Fate::Release,
        }
    }

    fn encode(&self, returned: &R) -> Result<String, NotEncoded> {
        match ((self.view)(returned), &self.failure.kept) {
            (Ok(value), _) => (self.value.0.encode)(value),
            (Err(error), Some(Kept { codec, .. })) => (codec.encode)(error),
            (Err(_), None) => Err(NotEncoded::not_kept()),
        }
    }

    fn decode(&self, kind: OutcomeKind, text: &str) -> Result<R, NotDecoded> {
        let result = match (kind, &self.failure.kept) {
            (OutcomeKind::Value, _) => Ok((self.value.0.decode)(text)?),
            (OutcomeKind::Error, Some(Kept { codec, .. })) => Err((codec.decode)(text)?),
            (OutcomeKind::Error, None) => return Err(NotDecoded::NotKept),
        };
        Ok((self.from_result)(result))
    }

    fn executed(&self, returned: R) -> R {
        returned
    }

    fn replayed(&self, returned: R) -> R {
        returned
    }

    fn refused(&self, error: Error) -> R {
        (self.from_result)(Err((self.failure.refuse)(error)))
    }
}
