//! What happens around a body: claim, run, settle.
//!
//! [`execute`] is the whole of it, top down; everything that need not know the body's types is in the modules below, so
//! that each annotated function compiles little more than its own encoding.

mod admit;
mod attempt;
mod keeper;
mod lease;
mod reentrance;
mod report;
mod settle;
mod waiters;

use std::sync::Arc;

use crate::codec::{NotDecoded, NotEncoded};
use crate::error::Reason;
use crate::operation::Terms;
use crate::{Answer, Codec, Error, Execution, Key, Outcome, OutcomeKind, Store};

use admit::{Admitted, admit};
use attempt::{Attempt, Completed};
use report::{Call, End};

pub(crate) use lease::Lease;

/// What the engine must know of what a body returns.
pub(crate) trait Returning<R> {
    /// The text to store; `None` if there is nothing to keep, and the attempt is released instead.
    fn encode(&self, returned: &R) -> Option<(OutcomeKind, Result<String, NotEncoded>)>;

    /// What was stored.
    fn decode(&self, kind: OutcomeKind, text: &str) -> Result<R, NotDecoded>;
}

/// Runs `body` at most once per key, or replays what it returned.
pub(crate) async fn execute<R, Body, Running>(
    store: Arc<dyn Store>,
    terms: Terms,
    returning: &impl Returning<R>,
    body: Body,
) -> Result<Answer<R>, Error>
where
    Body: FnOnce(Execution) -> Running,
    Running: Future<Output = R>,
{
    let mut call = Call::begin(&terms.key);
    let mut attempt = match admit(store, &terms, &mut call).await? {
        Admitted::Execute(attempt) => attempt,
        Admitted::Replay(outcome) => return replay(&outcome, &terms, returning, &mut call),
    };
    let Some(returned) = attempt.run(body(attempt.execution())).await else {
        return successor(attempt, &terms, returning, &mut call).await;
    };
    let Some((kind, text)) = returning.encode(&returned) else {
        attempt.release().await;
        call.end(End::Failed);
        return Ok(Answer::Executed(returned));
    };
    call.returned();
    match attempt.complete(kind, text, &terms).await {
        Completed::Stored | Completed::Unstored => {
            call.end(End::Executed);
            Ok(Answer::Executed(returned))
        }
        Completed::TooLarge { bytes } => {
            call.end(End::Executed);
            Err(Error::new(Reason::TooLarge { bytes, limit: terms.limit.bytes }, &terms.key))
        }
        Completed::Lost => successor(attempt, &terms, returning, &mut call).await,
    }
}

/// After the claim was lost: the outcome of the one who took it over, if there is one already.
async fn successor<R>(
    attempt: Attempt,
    terms: &Terms,
    returning: &impl Returning<R>,
    call: &mut Call,
) -> Result<Answer<R>, Error> {
    match attempt.successor(terms).await {
        Some(outcome) => replay(&outcome, terms, returning, call),
        None => Err(call.fail(Error::new(Reason::ClaimLost, &terms.key))),
    }
}

/// Answers with a stored outcome, or says why it cannot be read. The body does not run in either case.
fn replay<R>(
    outcome: &Outcome,
    terms: &Terms,
    returning: &impl Returning<R>,
    call: &mut Call,
) -> Result<Answer<R>, Error> {
    let decoded = readable(outcome, terms.version, &terms.key).and_then(|()| {
        returning.decode(outcome.kind, &outcome.text).map_err(|error| Error::new(Reason::Corrupt(error), &terms.key))
    });
    match decoded {
        Ok(returned) => {
            call.end(End::Replayed);
            Ok(Answer::Replayed(returned))
        }
        Err(error) => Err(call.fail(error)),
    }
}

fn readable(outcome: &Outcome, expected: u32, key: &Key) -> Result<(), Error> {
    match outcome.codec {
        Codec::Omitted => Err(Error::new(Reason::Omitted, key)),
        Codec::Json if outcome.version != expected => {
            Err(Error::new(Reason::OutcomeVersion { stored: outcome.version, expected }, key))
        }
        Codec::Json => Ok(()),
    }
}
