//! One execution under its claim, from the first poll of the body to the record of its outcome.

use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::codec::NotEncoded;
use crate::decision::decide_claim;
use crate::operation::Terms;
use crate::{Abandoned, Claim, ClaimDecision, ClaimId, Dropped, Execution, Outcome, OutcomeKind, Store};

use super::Fate;
use super::drain::Counted;
use super::keeper::{Keeper, Renewal};
use super::lease::Lease;
use super::outcome::{keep, omitted};
use super::settle::{Ending, Settled, Settlement};
use super::to_the_end::body_begins;

/// The id of a request that never claims.
const NOBODY: ClaimId = ClaimId::from_bytes([0; 16]);

/// A claim that is held. Whatever happens to it, it ends as the phase it is in says.
pub(super) struct Attempt {
    keeper: &'static Keeper,
    lease: Arc<Lease>,
    /// Renews the lease for as long as it is there.
    renewal: Option<Renewal>,
    phase: Phase,
    /// Whether it was told that the store does not take the end of this claim.
    told: bool,
    /// Whether the store has refused every end of it.
    refused: bool,
    /// A process that comes to its end waits for it. Dropped last, so that what goes on in the background is counted there first.
    _running: Counted,
}

/// What becomes of the claim if the attempt is dropped now.
enum Phase {
    /// The body is running.
    Running { abandoned: Abandoned, dropped: Dropped },
    /// The claim is to end like this, also in the background.
    Ending(Ending),
    /// Nothing is left to do.
    Ended,
}

/// What became of an outcome.
pub(super) enum Completed {
    /// It is stored, or the keeper goes on with it.
    Kept,
    /// The key is marked as done, and the operation wants an error.
    TooLarge {
        bytes: usize,
    },
    Lost,
}

impl Attempt {
    /// Begins under `claim`, which was asked for at `asked_at`.
    pub(super) fn begin(
        keeper: &'static Keeper,
        store: Arc<dyn Store>,
        claim: Claim,
        asked_at: Instant,
        terms: &Terms,
    ) -> Self {
        body_begins();
        let lease = Arc::new(Lease::new(store, claim, terms.lease(), asked_at));
        let renewal = keeper.renew(Arc::clone(&lease), asked_at);
        let phase = Phase::Running { abandoned: terms.abandoned(), dropped: terms.dropped };
        Self {
            keeper,
            lease,
            renewal: Some(renewal),
            phase,
            told: false,
            refused: false,
            _running: keeper.drain().running(),
        }
    }

    pub(super) fn execution(&self) -> Execution {
        Execution::leased(Arc::clone(&self.lease))
    }

    pub(super) fn lease(&self) -> &Lease {
        &self.lease
    }

    /// From here on, a drop ends the claim so; in place of an outcome it leaves a mark that the key is done.
    pub(super) fn will_end(&mut self, kind: OutcomeKind, fate: Fate, terms: &Terms) {
        self.phase = Phase::Ending(match fate {
            Fate::Keep => Ending::Complete(omitted(kind, terms), terms.retention),
            Fate::Release | Fate::Unknown if self.is_unknown(fate) => Ending::Abandon,
            Fate::Release | Fate::Unknown => Ending::Release,
        });
    }

    /// Whether nobody knows what the body did that returned an error of this fate.
    pub(super) fn is_unknown(&self, fate: Fate) -> bool {
        fate == Fate::Unknown || self.lease.is_effect_unknown()
    }

    /// Ends the attempt with nothing to keep; `false` if the claim was lost. If the store does not answer soon, the caller
    /// need not wait for it: the settlement that follows the drop goes on trying.
    pub(super) async fn release(&mut self) -> bool {
        self.settle(Ending::Release, Duration::ZERO).await != Settled::Lost
    }

    /// Ends the attempt with an effect that nobody knows; `false` if the claim was lost.
    pub(super) async fn abandon(&mut self, terms: &Terms) -> bool {
        self.settle(Ending::Abandon, terms.settle_within()).await != Settled::Lost
    }

    /// Stores the outcome, or a mark that there is one.
    pub(super) async fn complete(
        &mut self,
        kind: OutcomeKind,
        text: Result<String, NotEncoded>,
        terms: &Terms,
    ) -> Completed {
        let kept = keep(kind, text, terms);
        match self.settle(Ending::Complete(kept.outcome, terms.retention), terms.settle_within()).await {
            Settled::Lost => Completed::Lost,
            Settled::Written | Settled::Open { .. } | Settled::Refused => match kept.refused {
                Some(bytes) => Completed::TooLarge { bytes },
                None => Completed::Kept,
            },
        }
    }

    /// Ends the claim within the caller's time. What is open then goes on in the background once the attempt is dropped.
    async fn settle(&mut self, ending: Ending, limit: Duration) -> Settled {
        self.lease.settle();
        self.phase = Phase::Ending(ending.clone());
        let must_end = !matches!(ending, Ending::Release);
        let (keeper, lease) = (self.keeper, &self.lease);
        let failed = || {
            if must_end {
                lease.owes_its_end(keeper);
            }
        };
        let settled = self.settlement(ending).run_within(limit, failed).await;
        match settled {
            Settled::Open { refused } => (self.told, self.refused) = (must_end, refused),
            Settled::Written | Settled::Lost | Settled::Refused => self.phase = Phase::Ended,
        }
        if settled == Settled::Lost {
            self.lease.lose();
        }
        settled
    }

    /// After the claim was lost: the outcome of the caller who took over, if there is one already.
    pub(super) async fn successor(mut self, terms: &Terms) -> Option<Outcome> {
        self.phase = Phase::Ended;
        self.renewal = None;
        let observed = self.lease.store().lookup(&terms.key).await.ok()??;
        match decide_claim(Some(&observed.record), observed.now, &terms.request(NOBODY)) {
            ClaimDecision::Replay(outcome) => Some(outcome),
            _ => None,
        }
    }

    fn settlement(&self, ending: Ending) -> Settlement {
        Settlement {
            keeper: self.keeper,
            store: Arc::clone(self.lease.store()),
            claim: self.lease.claim().clone(),
            ending,
            lease: Some(Arc::clone(&self.lease)),
            told: self.told,
            refused: self.refused,
        }
    }

    /// Ends the claim in the background.
    fn detach(&mut self, ending: Ending) {
        self.lease.settle();
        // What may run again needs no lease any more: the key is free when it runs out at the latest.
        let renewal = self.renewal.take().filter(|_| !matches!(ending, Ending::Release));
        if renewal.is_some() {
            self.lease.owes_its_end(self.keeper);
        }
        self.keeper.detach(self.settlement(ending), renewal);
    }

    /// Leaves the claim to lapse; if the process ends before that, it ends like this instead.
    fn leave_to_lapse(&mut self, ending: Ending) {
        self.lease.settle();
        self.renewal = None;
        self.keeper.leave_to_lapse(self.settlement(ending), Instant::now() + self.lease.duration());
    }
}

impl Drop for Attempt {
    fn drop(&mut self) {
        let release = Ending::Release;
        match std::mem::replace(&mut self.phase, Phase::Ended) {
            Phase::Ended => {}
            Phase::Ending(ending) => self.detach(ending),
            // From here on the body was dropped, or it panicked.
            Phase::Running { .. } if self.lease.is_effect_unknown() => self.detach(Ending::Abandon),
            // It may have had effects, and nobody knows: a person decides.
            Phase::Running { abandoned: Abandoned::Refuse, .. } => self.leave_to_lapse(Ending::Abandon),
            // It has ended by itself, as one that returned an error has.
            Phase::Running { .. } if self.lease.has_panicked() => self.detach(release),
            Phase::Running { dropped: Dropped::Release, .. } => self.detach(release),
            Phase::Running { dropped: Dropped::Lapse, .. } => self.leave_to_lapse(release),
        }
    }
}
