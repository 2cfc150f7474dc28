//! The last write of a claim: its outcome, its release, or that nobody knows.

use std::future::poll_fn;
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use tokio::time::Instant;

use crate::{Claim, Codec, Outcome, Store, StoreError};

use super::drain::Drain;
use super::keeper::Keeper;
use super::lanes::Lane;
use super::lease::Lease;
use super::outcome::omitted_in_place_of;
use super::report;

const FIRST_PAUSE: Duration = Duration::from_millis(10);
/// While what the store answers may pass.
const LONGEST_PAUSE: Duration = Duration::from_secs(5);
/// While the store refuses everything. Somebody has to mend it, and that takes time.
const LONGEST_PAUSE_REFUSED: Duration = Duration::from_secs(10);
/// While the process waits for its end.
const LONGEST_PAUSE_AT_THE_END: Duration = Duration::from_millis(500);
/// How long one write may take at least, however near the end of its caller's time.
const SHORTEST_PATIENCE: Duration = Duration::from_secs(1);
/// How much longer the caller waits where the lease may have run out: a successor may have answered others by now, and only the
/// store knows.
const LAST_WORD: Duration = Duration::from_secs(5);
/// A limit without an end ends after a year: a clock cannot be set to the end of time.
const LONGEST_LIMIT: Duration = Duration::from_hours(365 * 24);
/// How long one write may take in the background.
const PATIENCE: Duration = Duration::from_secs(30);
/// How many outcomes that the store refuses are kept until it is mended. Beyond that each call would leave its whole outcome in
/// memory, so of those only the marks are kept.
const MOST_OUTCOMES: usize = 100;
/// After this long in the background it is told that an outcome is not stored yet.
const TOLD_AFTER: Duration = Duration::from_secs(1);

/// How a claim ends.
#[derive(Clone)]
pub(super) enum Ending {
    /// With an outcome, kept for this long.
    Complete(Outcome, Duration),
    /// With nothing to keep.
    Release,
    /// With an effect that nobody knows.
    Abandon,
}

impl Ending {
    /// What is written in the place of this where the store refuses it for good. A body that has run must not run again:
    /// an outcome gives way to a mark that there is one, and the mark to a claim that waits for a person.
    fn in_its_place(&self) -> Option<Self> {
        match self {
            Self::Complete(outcome, retention) if outcome.codec != Codec::Omitted => {
                Some(Self::Complete(omitted_in_place_of(outcome), *retention))
            }
            Self::Complete(..) => Some(Self::Abandon),
            Self::Release | Self::Abandon => None,
        }
    }

    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::Complete(outcome, _) if outcome.codec == Codec::Omitted => "marked as done",
            Self::Complete(..) => "completed",
            Self::Release => "released",
            Self::Abandon => "abandoned",
        }
    }
}

/// What became of it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Settled {
    Written,
    Lost,
    /// Not yet written, and worth going on with.
    Open {
        /// The store refuses every end.
        refused: bool,
    },
    /// A release that the store refuses: the lease runs out instead.
    Refused,
}

/// What came of one try.
enum Tried {
    /// What was written.
    Written(&'static str),
    /// Somebody else holds the claim, or has ended it.
    Lost,
    /// The store refuses the release.
    NotReleased,
    /// It may pass; `None` if there was no answer in time.
    Again(Option<StoreError>),
    /// The store refuses it, and all that could stand in its place.
    Refused(StoreError),
}

/// The last write of a claim, to be repeated until it is answered.
pub(super) struct Settlement {
    pub(super) keeper: &'static Keeper,
    pub(super) store: Arc<dyn Store>,
    pub(super) claim: Claim,
    pub(super) ending: Ending,
    /// The lease that may be renewed meanwhile.
    pub(super) lease: Option<Arc<Lease>>,
    /// Whether somebody was told that the store does not take it.
    pub(super) told: bool,
    /// Whether the store has refused every end.
    pub(super) refused: bool,
}

impl Settlement {
    /// Writes, with backoff, for as long as the caller waits. The last word is always the store's: a process that was
    /// stopped past that may have a successor, and must hear of it, for which it waits anew where its lease may have run out. Each
    /// time that it is not stored, `failed` is called.
    ///
    /// What is open is told before the caller has its answer: if the process dies next, nothing else says that the store
    /// does not know of it. A release needs no such word, since the lease runs out.
    pub(super) async fn run_within(&self, limit: Duration, failed: impl Fn()) -> Settled {
        let mut until = Instant::now() + limit.min(LONGEST_LIMIT);
        let (mut pause, mut is_last_word) = (FIRST_PAUSE, false);
        loop {
            let left = until.saturating_duration_since(Instant::now());
            let tried = self.try_once(left.max(SHORTEST_PATIENCE), false).await;
            let left = until.saturating_duration_since(Instant::now());
            if matches!(tried, Tried::Again(_) | Tried::Refused(_)) {
                failed();
            }
            match tried {
                Tried::Written(_) => return Settled::Written,
                Tried::Lost => return Settled::Lost,
                Tried::NotReleased => return Settled::Refused,
                Tried::Again(_) if !left.is_zero() => tokio::time::sleep(pause.min(left)).await,
                Tried::Again(_) if !is_last_word && self.may_have_lapsed() => {
                    (until, is_last_word) = (Instant::now() + LAST_WORD, true);
                }
                Tried::Again(error) => {
                    if !matches!(self.ending, Ending::Release) {
                        report::not_settled(&self.claim, &self.ending, error.as_ref());
                    }
                    return Settled::Open { refused: false };
                }
                Tried::Refused(error) => {
                    report::refused(&self.claim, &self.ending, &error);
                    return Settled::Open { refused: true };
                }
            }
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }

    /// Writes until it is settled, for as long as the process lives. For the keeper, which renews the lease meanwhile.
    /// Once the process comes to its end it tries at once, and more often.
    pub(super) async fn run(mut self, drain: &Drain, lane: &Lane) {
        let started = Instant::now();
        let (mut pause, mut told, mut refused) = (FIRST_PAUSE, self.told, self.refused);
        loop {
            let tried = {
                let _turn = lane.turn(&self.ending).await;
                self.try_once(PATIENCE, refused).await
            };
            refused = matches!(tried, Tried::Refused(_));
            let longest = match tried {
                Tried::Written(written) if told => return report::settled_at_last(&self.claim, written),
                Tried::Lost => return report::superseded(&self.claim, &self.ending),
                Tried::Written(_) | Tried::NotReleased => return,
                Tried::Again(error) => {
                    if started.elapsed() >= TOLD_AFTER && !std::mem::replace(&mut told, true) {
                        report::not_settled(&self.claim, &self.ending, error.as_ref());
                    }
                    LONGEST_PAUSE
                }
                Tried::Refused(error) => {
                    if !std::mem::replace(&mut told, true) {
                        report::refused(&self.claim, &self.ending, &error);
                    }
                    if drain.has_more_unsettled_than(MOST_OUTCOMES) {
                        self.forget_outcome();
                    }
                    LONGEST_PAUSE_REFUSED
                }
            };
            let longest = if drain.is_begun() { LONGEST_PAUSE_AT_THE_END } else { longest };
            tokio::select! {
                () = tokio::time::sleep(pause.min(longest)) => {}
                () = drain.begun(), if longest > LONGEST_PAUSE_AT_THE_END => {}
            }
            pause = (pause * 2).min(longest);
        }
    }

    /// Whether somebody else may have taken the claim over. One that is released may be taken by anybody.
    fn may_have_lapsed(&self) -> bool {
        !matches!(self.ending, Ending::Release) && self.lease.as_ref().is_some_and(|lease| lease.may_have_lapsed())
    }

    /// Goes on with a mark that the key is done, in the place of its outcome.
    fn forget_outcome(&mut self) {
        if let Ending::Complete(outcome, retention) = &self.ending
            && outcome.codec != Codec::Omitted
        {
            self.ending = Ending::Complete(omitted_in_place_of(outcome), *retention);
        }
    }

    /// Writes, or what may stand in its place. A store that has refused all of that may be mended between two writes, and then would
    /// take what stands in the place of an outcome that it takes now. So it is asked for a renewal first, which does no harm.
    async fn try_once(&self, patience: Duration, refused: bool) -> Tried {
        let mut ending = self.ending.clone();
        let (mut refusal, mut is_mended) = (None, !refused);
        loop {
            match self.answer(&ending, patience).await {
                Some(Ok(())) => {
                    self.keeper.waiters().wake(&self.claim.key);
                    if let Some(error) = refusal {
                        report::written_in_its_place(&self.claim, &ending, &error);
                    }
                    return Tried::Written(ending.name());
                }
                Some(Err(error)) if error.is_claim_lost() => return Tried::Lost,
                Some(Err(error)) if error.is_retryable() => return Tried::Again(Some(error)),
                None => return Tried::Again(None),
                Some(Err(error)) if !is_mended => {
                    is_mended = self.is_renewed(patience).await;
                    if !is_mended {
                        return Tried::Refused(error);
                    }
                }
                Some(Err(error)) => {
                    let error = refusal.unwrap_or(error);
                    match ending.in_its_place() {
                        Some(next) => ending = next,
                        None if matches!(ending, Ending::Release) => {
                            report::not_released(&self.claim, &error);
                            return Tried::NotReleased;
                        }
                        None => return Tried::Refused(error),
                    }
                    refusal = Some(error);
                }
            }
        }
    }

    /// Whether the store takes a renewal of the lease.
    async fn is_renewed(&self, patience: Duration) -> bool {
        let Some(lease) = &self.lease else { return true };
        let renewed = within(patience, self.store.extend(&self.claim, lease.duration())).await;
        matches!(renewed, Some(Ok(())))
    }

    /// What the store says; `None` if it does not say it in time.
    async fn answer(&self, ending: &Ending, patience: Duration) -> Option<Result<(), StoreError>> {
        within(patience, self.write(ending)).await
    }

    /// Gives the claim up. A renewal that landed after that would make it live again for a whole lease, so none is on its way
    /// meanwhile. But if that takes long, they go on: a claim that is not known to be given up must not lapse.
    async fn abandon(&self) -> Result<(), StoreError> {
        let mut write = self.store.abandon(&self.claim);
        let Some(lease) = &self.lease else { return write.await };
        let resting = lease.rest().await;
        if let Some(answer) = within(lease.longest_rest(), &mut write).await {
            return answer.inspect(|()| resting.for_good());
        }
        drop(resting);
        write.await
    }

    async fn write(&self, ending: &Ending) -> Result<(), StoreError> {
        match ending {
            Ending::Complete(outcome, retention) => self.store.complete(&self.claim, outcome, *retention).await,
            Ending::Release => self.store.release(&self.claim).await,
            Ending::Abandon => self.abandon().await,
        }
    }
}

/// What comes within this time. One that answers at once needs no timer.
pub(super) async fn within<Asked: Future>(patience: Duration, asked: Asked) -> Option<Asked::Output> {
    let mut asked = pin!(asked);
    let mut timer = None;
    poll_fn(|context| {
        if let Poll::Ready(answer) = asked.as_mut().poll(context) {
            return Poll::Ready(Some(answer));
        }
        let timer = timer.get_or_insert_with(|| Box::pin(tokio::time::sleep(patience)));
        timer.as_mut().poll(context).map(|()| None)
    })
    .await
}
