//! A call inside the caller's transaction: the claim, what the body writes and the outcome are one commit.
//!
//! There is no lease to renew and nothing to settle in the background: what is not committed never was. The call comes in
//! two halves, with the body between them, because the body needs the transaction too.

use std::future::poll_fn;
use std::ops::ControlFlow;
use std::pin::pin;
use std::time::Duration;

use crate::error::Reason;
use crate::operation::Terms;
use crate::{Abandoned, Claim, ClaimDecision, Error, Execution, InFlight, JoinedStore, StoreError};

use super::drain::{Counted, Drain};
use super::keeper::Keeper;
use super::outcome::keep;
use super::report::{self, Call, End};
use super::session::Stored;
use super::{Fate, Returning, answer, process, reentrance, refuse};

/// A call whose body may run, between its two halves.
pub(crate) struct JoinedSession<Returns> {
    terms: Terms,
    call: Call,
    claim: Claim,
    returning: Returns,
    /// A process that comes to its end waits for it.
    _running: Option<Counted>,
}

/// Claims in the caller's transaction: breaks with the answer if the body must not run.
pub(crate) async fn join<R, Returns: Returning<R>>(
    store: Box<dyn JoinedStore + '_>,
    terms: Result<Terms, Error>,
    returning: Returns,
) -> ControlFlow<Returns::Answer, JoinedSession<Returns>> {
    match begin(store, terms).await {
        Ok(Begun::Running { terms, call, claim, running }) => {
            ControlFlow::Continue(JoinedSession { terms, call, claim, returning, _running: running })
        }
        Ok(Begun::Done(stored)) => ControlFlow::Break(answer(Ok(stored), &returning)),
        Err(error) => ControlFlow::Break(refuse(&returning, error)),
    }
}

enum Begun {
    Running { terms: Terms, call: Call, claim: Claim, running: Option<Counted> },
    Done(Stored),
}

/// The part of [`join`] that knows no type of the body.
async fn begin(mut store: Box<dyn JoinedStore + '_>, terms: Result<Terms, Error>) -> Result<Begun, Error> {
    let terms = terms.and_then(Terms::without_lease).inspect_err(report::misused)?;
    let mut call = Call::begin(&terms.key);
    let mut request = terms.joined_request();
    let mut patience = patience(terms.in_flight);
    // Where the key is held, it may be held by the body around this call, in this transaction or in another one: that must not
    // be waited for, nor taken over. Where it is free, as in another table, this call is one of its own.
    let is_inside = reentrance::is_running(&terms.key);
    if is_inside {
        (request.abandoned, patience) = (Abandoned::Refuse, Some(Duration::ZERO));
    }
    // A claim in a transaction needs no keeper, so one that cannot be started is no reason to refuse the call.
    let drain = process::keeper(std::process::id()).ok().map(Keeper::drain);
    let running = drain.map(Drain::running);
    if drain.is_some_and(Drain::is_begun) && !reentrance::is_inside() {
        return Err(call.fail(Error::new(Reason::Draining, &terms.key)));
    }
    let reason = match store.claim(&request, patience).await {
        Ok(ClaimDecision::Acquired(claim)) => {
            report::acquired(&claim);
            return Ok(Begun::Running { terms, call, claim, running });
        }
        Ok(ClaimDecision::Replay(outcome)) => return Ok(Begun::Done(Stored::new(terms, call, outcome))),
        Ok(ClaimDecision::InProgress { .. } | ClaimDecision::Abandoned) if is_inside => Reason::Reentrant,
        Ok(ClaimDecision::InProgress { lease_left: Duration::ZERO }) => Reason::InTransaction,
        Ok(ClaimDecision::InProgress { lease_left }) => Reason::InProgress { lease_left },
        Ok(ClaimDecision::NotIssued) => Reason::NotIssued,
        Ok(ClaimDecision::Mismatch) => Reason::Mismatch,
        Ok(ClaimDecision::Abandoned) => Reason::Abandoned,
        Ok(ClaimDecision::Exhausted { attempts }) => Reason::Exhausted { attempts },
        Err(error) => Reason::Store(error),
    };
    Err(call.fail(Error::new(reason, &terms.key)))
}

/// A duplicate waits for the transaction before it, unless it is told not to.
fn patience(in_flight: Option<InFlight>) -> Option<Duration> {
    in_flight.map(|in_flight| match in_flight {
        InFlight::Reject => Duration::ZERO,
        InFlight::Wait(limit) => limit,
    })
}

impl<Returns> JoinedSession<Returns> {
    pub(crate) fn execution(&self) -> Execution {
        Execution::joined(self.claim.clone())
    }

    /// Polls the body, and knows meanwhile that it is running.
    pub(crate) async fn run<Body: Future>(&self, body: Body) -> Body::Output {
        let mut body = pin!(body);
        poll_fn(|context| {
            let _entered = reentrance::enter(&self.claim);
            body.as_mut().poll(context)
        })
        .await
    }

    /// Stores what the body returned, or releases the claim if there is nothing to keep.
    pub(crate) async fn settle<R>(mut self, mut store: Box<dyn JoinedStore + '_>, returned: R) -> Returns::Answer
    where
        Returns: Returning<R>,
    {
        let kind = self.returning.kind(&returned);
        if self.returning.fate(&returned) != Fate::Keep {
            // An error of the body may have ended the transaction, and then there is nothing left to release.
            let _ = store.release(&self.claim).await;
            self.call.end(End::Failed);
            reentrance::answered(false);
            return self.returning.executed(returned);
        }
        let kept = keep(kind, self.returning.encode(&returned), &self.terms);
        let completed = store.complete(&self.claim, &kept.outcome, self.terms.retention).await;
        match self.ended(completed, kept.refused) {
            Ok(()) => {
                reentrance::answered(false);
                self.returning.executed(returned)
            }
            Err(error) => refuse(&self.returning, error),
        }
    }

    fn ended(&mut self, completed: Result<(), StoreError>, refused: Option<usize>) -> Result<(), Error> {
        let reason = match (completed, refused) {
            (Ok(()), None) => {
                self.call.end(End::Executed);
                return Ok(());
            }
            (Ok(()), Some(bytes)) => Reason::TooLarge { bytes, limit: self.terms.limit.bytes },
            (Err(error), _) if error.is_claim_lost() => Reason::Undone,
            (Err(error), _) => Reason::NotStored(error),
        };
        Err(self.call.fail(Error::new(reason, &self.terms.key)))
    }
}
