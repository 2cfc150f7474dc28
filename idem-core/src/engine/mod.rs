//! What happens around a body: claim, run, settle.
//!
//! [`execute`] is the whole of it, top down, and the only code that knows the types of a body: everything that need not is
//! in the modules below, so that each annotated function compiles little more than its own encoding.

mod session;
mod admit;
mod waiters;
mod attempt;
mod outcome;
mod guarded;
mod reentrance;
mod lease;
mod process;
mod keeper;
mod book;
mod drain;
mod settle;
mod lanes;
mod landings;
mod owed;
mod report;
mod joined;
mod to_the_end;

use std::pin::pin;
use std::sync::Arc;

use crate::codec::{NotDecoded, NotEncoded};
use crate::operation::Terms;
use crate::{Error, Execution, OutcomeKind, Store};

use guarded::Guarded;
use session::{Begun, Session, Stored};

pub use drain::{Remaining, drained};
pub(crate) use joined::{JoinedSession, join};
pub(crate) use lease::Lease;
pub use reentrance::running_key;
pub use to_the_end::{ToTheEnd, body_to_the_end, to_the_end};

/// What the engine must know of what a body returns, and of what its caller gets.
pub(crate) trait Returning<R> {
    /// What the caller gets.
    type Answer;

    /// Whether the body returned a value or an error.
    fn kind(&self, returned: &R) -> OutcomeKind;

    /// What becomes of it. Asked once.
    fn fate(&self, returned: &R) -> Fate;

    /// The text to store of what is [kept](Fate::Keep).
    fn encode(&self, returned: &R) -> Result<String, NotEncoded>;

    /// What was stored.
    fn decode(&self, kind: OutcomeKind, text: &str) -> Result<R, NotDecoded>;

    /// The answer when the body ran in this call.
    fn executed(&self, returned: R) -> Self::Answer;

    /// The answer when it ran in another one.
    fn replayed(&self, returned: R) -> Self::Answer;

    /// The answer when there is no outcome.
    fn refused(&self, error: Error) -> Self::Answer;
}

/// What becomes of what a body returned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// It is stored and replayed.
    Keep,
    /// The next call runs again.
    Release,
    /// Nobody knows what the body did, so nobody runs it again before a person has decided.
    Unknown,
}

/// Runs `body` at most once per key, or replays what it returned.
pub(crate) async fn execute<R, Returns, Body, Running>(
    store: Arc<dyn Store>,
    terms: Result<Terms, Error>,
    returning: Returns,
    body: Body,
) -> Returns::Answer
where
    Returns: Returning<R>,
    Body: FnOnce(Execution) -> Running,
    Running: Future<Output = R>,
{
    let mut session = match Session::begin(store, terms).await {
        Ok(Begun::Running(session)) => session,
        Ok(Begun::Done(stored)) => return answer(Ok(stored), &returning),
        Err(error) => return refuse(&returning, error),
    };
    let ended = {
        let mut body = pin!(body(session.execution()));
        let returned = Guarded::new(session.lease(), body.as_mut()).await;
        // Before the body is dropped, which may panic, as everything of the user's may that runs from here on.
        returned.map(|returned| {
            let kind = returning.kind(&returned.value);
            session.has_returned(kind);
            let fate = returned.fate(kind, returning.fate(&returned.value));
            session.will_end(kind, fate);
            (returned.value, kind, fate)
        })
    };
    let Some((returned, kind, fate)) = ended else {
        return answer(session.successor().await, &returning);
    };
    let settled = match fate {
        Fate::Keep => session.complete(kind, returning.encode(&returned)).await,
        Fate::Release | Fate::Unknown => session.fail(fate).await,
    };
    match settled {
        Ok(None) => {
            reentrance::answered(false);
            returning.executed(returned)
        }
        Ok(Some(successor)) => answer(Ok(successor), &returning),
        Err(error) => refuse(&returning, error),
    }
}

/// Answers with what is stored, or says why it cannot be read. The body does not run in either case.
fn answer<R, Returns: Returning<R>>(stored: Result<Stored, Error>, returning: &Returns) -> Returns::Answer {
    let returned = stored.and_then(|mut stored| {
        let (kind, text) = stored.text()?;
        let decoded = returning.decode(kind, &text);
        stored.read(decoded)
    });
    match returned {
        Ok(returned) => {
            reentrance::answered(false);
            returning.replayed(returned)
        }
        Err(error) => refuse(returning, error),
    }
}

/// Answers with the reason why there is no outcome, and tells the body around this call, which may return it as its own
/// error.
fn refuse<R, Returns: Returning<R>>(returning: &Returns, error: Error) -> Returns::Answer {
    // What no retry would change is how the body ended, and is kept as any other error of it.
    reentrance::answered(error.is_retryable());
    returning.refused(error)
}
