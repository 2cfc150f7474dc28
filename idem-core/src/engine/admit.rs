//! From a call to the right to execute, an outcome to replay, or an error.

use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::error::Reason;
use crate::operation::Terms;
use crate::{ClaimDecision, ClaimId, ClaimRequest, Error, InFlight, Origin, Outcome, Store, StoreError};

use super::attempt::Attempt;
use super::drain::Counted;
use super::keeper::Keeper;
use super::report::{self, Call};
use super::settle::within;
use super::waiters::{self, Waiting};
use super::{process, reentrance};

/// How often a claim is repeated after an error that may pass.
const REPETITIONS: [Duration; 2] = [Duration::from_millis(20), Duration::from_millis(100)];
/// After this long it is not repeated any more: the store is not flickering but away.
const PATIENCE: Duration = Duration::from_secs(1);
/// After this long a claim is not repeated that the store will not take now. What was answered at once gave way to somebody,
/// and may find its way free; what has waited, for a connection or a lock, has waited enough.
const HASTE: Duration = Duration::from_millis(100);
/// How often a claim is asked for whose lease was over when its answer came.
const MOST_LATE_ANSWERS: u32 = 8;

pub(super) enum Admitted {
    Execute(Attempt),
    Replay(Outcome),
}

/// Claims until there is an answer, waiting for a call in flight if the terms say so.
pub(super) async fn admit(store: Arc<dyn Store>, terms: &Terms, call: &mut Call) -> Result<Admitted, Error> {
    let fail = |reason| Error::new(reason, &terms.key);
    let process = std::process::id();
    let keeper = process::keeper(process).map_err(|error| call.fail(fail(Reason::Store(error))))?;
    let mut asking = Asking::begin(keeper, store, terms.request(ClaimId::random_in(process)));
    let mut limit = Limit::begin(terms.in_flight.unwrap_or_default());
    loop {
        // A body that runs already may finish what it is at.
        if keeper.drain().is_begun() && !reentrance::is_inside() {
            return Err(call.fail(fail(Reason::Draining)));
        }
        let (decision, asked_at) = limit.ask(&mut asking).await.map_err(|reason| call.fail(fail(reason)))?;
        let reason = match decision {
            ClaimDecision::Acquired(claim) => {
                report::acquired(&claim);
                return Ok(Admitted::Execute(
                    asking.finish(|store| Attempt::begin(keeper, store, claim, asked_at, terms)),
                ));
            }
            ClaimDecision::Replay(outcome) => return Ok(Admitted::Replay(outcome)),
            ClaimDecision::InProgress { lease_left } => match limit.wait(&asking, call, lease_left).await {
                Ok(()) => continue,
                Err(reason) => reason,
            },
            ClaimDecision::NotIssued => Reason::NotIssued,
            ClaimDecision::Mismatch => Reason::Mismatch,
            ClaimDecision::Abandoned => Reason::Abandoned,
            ClaimDecision::Exhausted { attempts } => Reason::Exhausted { attempts },
        };
        return Err(call.fail(fail(reason)));
    }
}

/// Until when a call waits for its answers and for another call, and what it knows of that one.
struct Limit {
    /// `None` if it does not wait.
    until: Option<tokio::time::Instant>,
    waiting: Option<Waiting>,
    lease_left: Duration,
}

impl Limit {
    fn begin(in_flight: InFlight) -> Self {
        let until = match in_flight {
            InFlight::Reject => None,
            InFlight::Wait(time) => Some(waiters::until(time)),
        };
        Self { until, waiting: None, lease_left: Duration::ZERO }
    }

    /// Asks the store, and tells when it was asked. Fails with the reason if there is no answer, or none in time.
    async fn ask(&mut self, asking: &mut Asking) -> Result<(ClaimDecision, Instant), Reason> {
        let answer = match self.until {
            None => Some(asking.ask_in_time().await),
            Some(until) => waiters::answer_until(until, asking.ask_in_time()).await,
        };
        match answer {
            Some(answer) => answer.map_err(Reason::Store),
            None if self.waiting.is_some() => Err(Reason::WaitTimeout { lease_left: self.lease_left }),
            None => Err(Reason::Store(StoreError::unavailable("no answer for as long as the call waits"))),
        }
    }

    /// Waits until it makes sense to ask again. The reason if it does not wait, or no longer.
    async fn wait(&mut self, asking: &Asking, call: &mut Call, lease_left: Duration) -> Result<(), Reason> {
        if asking.is_reentrant().await.map_err(Reason::Store)? {
            return Err(Reason::Reentrant);
        }
        let Some(until) = self.until else { return Err(Reason::InProgress { lease_left }) };
        call.waits();
        self.lease_left = lease_left;
        let waiting = self.waiting.get_or_insert_with(|| asking.wait(until));
        if waiting.pause(lease_left).await { Ok(()) } else { Err(Reason::WaitTimeout { lease_left }) }
    }
}

/// A request on its way. Dropped between question and answer, or left with an ambiguous error, it has the keeper release
/// a claim that may have landed: the body did not run, so that is right under every policy.
struct Asking {
    keeper: &'static Keeper,
    store: Arc<dyn Store>,
    request: ClaimRequest,
    unanswered: bool,
    /// A process that comes to its end waits for the answer.
    _counted: Counted,
}

impl Asking {
    fn begin(keeper: &'static Keeper, store: Arc<dyn Store>, request: ClaimRequest) -> Self {
        Self { keeper, store, request, unanswered: false, _counted: keeper.drain().running() }
    }

    /// Asks, and when. A claim whose lease was over before its answer was heard is asked for again: a process that was
    /// stopped meanwhile may have a successor, and else finds its own claim, under a fresh lease. No body begins under a lease
    /// that is over.
    async fn ask_in_time(&mut self) -> Result<(ClaimDecision, Instant), StoreError> {
        let mut first_origin = None;
        for _ in 0..MOST_LATE_ANSWERS {
            let asked_at = Instant::now();
            if let Some(decision) = self.keeper.owed().answer(&self.store, &self.request).await? {
                return Ok((decision, asked_at));
            }
            let mut decision = self.ask().await?;
            let ClaimDecision::Acquired(claim) = &mut decision else { return Ok((decision, asked_at)) };
            if claim.origin == Origin::Repeated {
                claim.origin = first_origin.unwrap_or(Origin::Repeated);
            }
            if asked_at.elapsed() < self.request.lease {
                return Ok((decision, asked_at));
            }
            first_origin = Some(claim.origin);
            // It is held, and nobody runs under it: whatever comes now, it is released.
            self.unanswered = true;
        }
        Err(StoreError::unavailable("the store answered later than the lease lasts each time; use a longer lease"))
    }

    /// Asks, and asks again after an error that may pass. If it left open whether the claim took effect, the same claim id
    /// then finds its own claim.
    async fn ask(&mut self) -> Result<ClaimDecision, StoreError> {
        let started = tokio::time::Instant::now();
        let mut repetitions = REPETITIONS.into_iter();
        loop {
            let before = std::mem::replace(&mut self.unanswered, true);
            match self.store.claim(&self.request).await {
                Ok(decision) => {
                    self.unanswered = false;
                    return Ok(decision);
                }
                Err(error) => {
                    // What took no effect answers its own question, and not the one before.
                    self.unanswered = before || error.is_ambiguous();
                    let patience = if error.is_ambiguous() { PATIENCE } else { HASTE };
                    match repetitions.next() {
                        Some(pause) if error.is_retryable() && started.elapsed() < patience => {
                            tokio::time::sleep(pause).await;
                        }
                        _ => return Err(error),
                    }
                }
            }
        }
    }

    fn wait(&self, until: tokio::time::Instant) -> Waiting {
        Waiting::begin(self.keeper, Arc::clone(&self.store), &self.request.key, until)
    }

    /// Whether the claim that is in progress is that of a body which is being polled around this call, so that waiting for it
    /// would be waiting for itself. Another store may hold the same key for somebody else. If the store does not say who it is,
    /// it must not be waited for.
    async fn is_reentrant(&self) -> Result<bool, StoreError> {
        if !reentrance::is_running(&self.request.key) {
            return Ok(false);
        }
        let found = within(PATIENCE, self.store.lookup(&self.request.key)).await;
        let found = found.ok_or_else(|| StoreError::unavailable("the lookup had no answer in time"))??;
        Ok(found.and_then(|observed| observed.record.claim_id).is_some_and(reentrance::is_held))
    }

    /// Goes on with what the question was for, which is counted before this is not any more.
    fn finish(self, begin: impl FnOnce(Arc<dyn Store>) -> Attempt) -> Attempt {
        begin(Arc::clone(&self.store))
    }
}

impl Drop for Asking {
    fn drop(&mut self) {
        if self.unanswered {
            self.keeper.look_for(&self.store, &self.request);
        }
    }
}
