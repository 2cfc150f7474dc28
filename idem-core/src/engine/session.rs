//! One call, from its claim to its answer, without the types of its body.

use std::sync::Arc;

use crate::codec::{NotDecoded, NotEncoded};
use crate::error::Reason;
use crate::operation::Terms;
use crate::{Codec, Error, Execution, Outcome, OutcomeKind, Store};

use super::Fate;
use super::admit::{Admitted, admit};
use super::attempt::{Attempt, Completed};
use super::lease::Lease;
use super::report::{self, Call, End};

/// A call whose body runs, or has run.
pub(super) struct Session {
    terms: Terms,
    call: Call,
    attempt: Attempt,
}

/// What a call finds.
pub(super) enum Begun {
    /// The right to execute.
    Running(Session),
    /// The outcome of an earlier call.
    Done(Stored),
}

impl Session {
    pub(super) async fn begin(store: Arc<dyn Store>, terms: Result<Terms, Error>) -> Result<Begun, Error> {
        let terms = terms.and_then(Terms::with_attempts_remembered).inspect_err(report::misused)?;
        let mut call = Call::begin(&terms.key);
        Ok(match admit(store, &terms, &mut call).await? {
            Admitted::Execute(attempt) => Begun::Running(Self { terms, call, attempt }),
            Admitted::Replay(outcome) => Begun::Done(Stored::new(terms, call, outcome)),
        })
    }

    pub(super) fn execution(&self) -> Execution {
        self.attempt.execution()
    }

    pub(super) fn lease(&self) -> &Lease {
        self.attempt.lease()
    }

    /// The body has returned. If a panic comes before it is known what becomes of that, a value leaves a mark that the key is done,
    /// and of an error nobody knows what it means.
    pub(super) fn has_returned(&mut self, kind: OutcomeKind) {
        self.will_end(kind, if kind == OutcomeKind::Value { Fate::Keep } else { Fate::Unknown });
    }

    /// It is known what becomes of what the body returned. From here on the key ends so, even if the body panics while it is dropped,
    /// or what it returned while it is encoded.
    pub(super) fn will_end(&mut self, kind: OutcomeKind, fate: Fate) {
        if fate == Fate::Keep {
            self.call.returned();
        }
        self.attempt.will_end(kind, fate, &self.terms);
    }

    /// Stores what the body returned; the outcome of the successor if the claim was lost.
    pub(super) async fn complete(
        mut self,
        kind: OutcomeKind,
        text: Result<String, NotEncoded>,
    ) -> Result<Option<Stored>, Error> {
        match self.attempt.complete(kind, text, &self.terms).await {
            Completed::Kept => {
                self.call.end(End::Executed);
                Ok(None)
            }
            Completed::TooLarge { bytes } => {
                self.call.end(End::Executed);
                Err(Error::new(Reason::TooLarge { bytes, limit: self.terms.limit.bytes }, &self.terms.key))
            }
            Completed::Lost => self.successor().await.map(Some),
        }
    }

    /// Ends the attempt of a body that returned an error which is not kept; the outcome of the successor if the claim was
    /// lost: the error is not the key's end then.
    pub(super) async fn fail(mut self, fate: Fate) -> Result<Option<Stored>, Error> {
        let (was_held, end) = if self.attempt.is_unknown(fate) {
            (self.attempt.abandon(&self.terms).await, End::Unknown)
        } else {
            (self.attempt.release().await, End::Failed)
        };
        if !was_held {
            return self.successor().await.map(Some);
        }
        self.call.end(end);
        Ok(None)
    }

    /// After the claim was lost: the outcome of the one who took it over, if there is one already.
    pub(super) async fn successor(self) -> Result<Stored, Error> {
        let Self { terms, mut call, attempt } = self;
        call.lost();
        match attempt.successor(&terms).await {
            Some(outcome) => Ok(Stored::new(terms, call, outcome)),
            None => Err(call.fail(Error::new(Reason::ClaimLost, &terms.key))),
        }
    }
}

/// The outcome of another call, about to be read.
pub(super) struct Stored {
    terms: Terms,
    call: Call,
    outcome: Outcome,
}

impl Stored {
    pub(super) fn new(terms: Terms, call: Call, outcome: Outcome) -> Self {
        Self { terms, call, outcome }
    }

    /// The text, if there is one and its version is the one that the operation expects.
    pub(super) fn text(&mut self) -> Result<(OutcomeKind, Arc<str>), Error> {
        let Outcome { kind, codec, version, text } = &self.outcome;
        let expected = self.terms.version;
        let reason = match codec {
            Codec::Omitted => Reason::Omitted,
            Codec::Json if *version != expected => Reason::OutcomeVersion { stored: *version, expected },
            Codec::Json => return Ok((*kind, Arc::clone(text))),
        };
        Err(self.call.fail(Error::new(reason, &self.terms.key)))
    }

    /// Ends the call with what the text was decoded to.
    pub(super) fn read<R>(mut self, decoded: Result<R, NotDecoded>) -> Result<R, Error> {
        match decoded {
            Ok(returned) => {
                self.call.end(End::Replayed);
                Ok(returned)
            }
            Err(error) => Err(self.call.fail(Error::new(Reason::Corrupt(error), &self.terms.key))),
        }
    }
}
