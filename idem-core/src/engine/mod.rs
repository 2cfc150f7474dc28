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

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::codec;
use crate::error::Reason;
use crate::operation::Terms;
use crate::{Answer, Codec, Error, ErrorPolicy, Execution, Key, Outcome, OutcomeKind, Store};

use admit::{Admitted, admit};
use attempt::{Attempt, Completed};
use report::{Call, End};

pub(crate) use lease::Lease;

/// Runs `body` at most once per key, or replays what it returned.
pub(crate) async fn execute<T, E, Errors, Body, Running>(
    store: Arc<dyn Store>,
    terms: Terms,
    errors: Errors,
    body: Body,
) -> Result<Answer<T>, E>
where
    T: Serialize + DeserializeOwned,
    E: From<Error>,
    Errors: ErrorPolicy<E>,
    Body: FnOnce(Execution) -> Running,
    Running: Future<Output = Result<T, E>>,
{
    let mut call = Call::begin(&terms.key);
    let mut attempt = match admit(store, &terms, &mut call).await? {
        Admitted::Execute(attempt) => attempt,
        Admitted::Replay(outcome) => return replay(&outcome, &terms, &errors, &mut call),
    };
    let Some(returned) = attempt.run(body(attempt.execution())).await else {
        return successor(attempt, &terms, &errors, &mut call).await;
    };
    let encoded = match &returned {
        Ok(value) => Some((OutcomeKind::Value, codec::encode(value))),
        Err(error) => errors.encode(error).map(|text| (OutcomeKind::Error, text)),
    };
    let Some((kind, text)) = encoded else {
        attempt.release().await;
        call.end(End::Failed);
        return returned.map(Answer::Executed);
    };
    call.returned();
    match attempt.complete(kind, text, &terms).await {
        Completed::Stored | Completed::Unstored => {
            call.end(End::Executed);
            returned.map(Answer::Executed)
        }
        Completed::TooLarge { bytes } => {
            call.end(End::Executed);
            Err(Error::new(Reason::TooLarge { bytes, limit: terms.limit.bytes }, &terms.key).into())
        }
        Completed::Lost => successor(attempt, &terms, &errors, &mut call).await,
    }
}

/// After the claim was lost: the outcome of the one who took it over, if there is one already.
async fn successor<T, E, Errors>(
    attempt: Attempt,
    terms: &Terms,
    errors: &Errors,
    call: &mut Call,
) -> Result<Answer<T>, E>
where
    T: DeserializeOwned,
    E: From<Error>,
    Errors: ErrorPolicy<E>,
{
    match attempt.successor(terms).await {
        Some(outcome) => replay(&outcome, terms, errors, call),
        None => Err(call.fail(Error::new(Reason::ClaimLost, &terms.key)).into()),
    }
}

/// Answers with a stored outcome, or says why it cannot be read. The body does not run in either case.
fn replay<T, E, Errors>(outcome: &Outcome, terms: &Terms, errors: &Errors, call: &mut Call) -> Result<Answer<T>, E>
where
    T: DeserializeOwned,
    E: From<Error>,
    Errors: ErrorPolicy<E>,
{
    readable(outcome, terms.version, &terms.key).map_err(|error| call.fail(error))?;
    let decoded = match outcome.kind {
        OutcomeKind::Value => codec::decode(&outcome.text).map(Ok),
        OutcomeKind::Error => errors.decode(&outcome.text).map(Err),
    };
    match decoded {
        Ok(returned) => {
            call.end(End::Replayed);
            returned.map(Answer::Replayed)
        }
        Err(error) => Err(call.fail(Error::new(Reason::Corrupt(error), &terms.key)).into()),
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
