//! One execution under its claim, from the first poll of the body to the record of its outcome.

use std::sync::Arc;
use std::time::Instant;

use crate::codec::NotEncoded;
use crate::decision::decide_claim;
use crate::operation::Terms;
use crate::{Abandoned, Claim, ClaimDecision, Execution, Outcome, OutcomeKind, Store};

use super::keeper::{Keeper, Renewal};
use super::lease::Lease;
use super::outcome::{keep, omitted};
use super::settle::{Ending, Landing, Settled, Settlement};

/// A claim that is held. Whatever happens to it, it ends as the phase it is in says.
pub(super) struct Attempt {
    keeper: &'static Keeper,
    lease: Arc<Lease>,
    /// Renews the lease for as long as it is there.
    renewal: Option<Renewal>,
    /// What becomes of the claim if the attempt is dropped now.
    if_dropped: Option<Ending>,
}

/// What became of an outcome.
pub(super) enum Completed {
    Stored,
    /// The store could not be reached for as long as the lease held. The claim stays until it lapses, so that nobody runs
    /// again while the outcome may still land.
    Unstored,
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
        let lease = Arc::new(Lease::new(store, claim, terms.lease()));
        let renewal = keeper.renew(Arc::clone(&lease), asked_at);
        // A body that panics or is dropped may have had effects. Under `refuse` its claim is left to lapse, because its
        // outcome is unknown; otherwise the next call may run at once.
        let if_dropped = match terms.abandoned() {
            Abandoned::Rerun => Some(Ending::Release(Landing::Known)),
            Abandoned::Refuse => None,
        };
        Self { keeper, lease, renewal: Some(renewal), if_dropped }
    }

    pub(super) fn execution(&self) -> Execution {
        Execution::leased(Arc::clone(&self.lease))
    }

    pub(super) fn lease(&self) -> &Lease {
        &self.lease
    }

    /// From here on, a drop leaves a mark that the key is done.
    pub(super) fn mark(&mut self, terms: &Terms) {
        self.if_dropped = Some(Ending::Complete(omitted(OutcomeKind::Value, terms), terms.retention));
    }

    /// Ends the attempt with nothing to keep. If the store does not answer soon, the caller need not wait for it: the
    /// settlement that follows the drop goes on trying.
    pub(super) async fn release(mut self) {
        let ending = Ending::Release(Landing::Known);
        self.if_dropped = Some(ending.clone());
        if (Settlement { deadline: Instant::now(), ..self.settlement(ending) }).once().await.is_some() {
            self.if_dropped = None;
        }
    }

    /// Stores the outcome, or a mark that there is one.
    pub(super) async fn complete(
        &mut self,
        kind: OutcomeKind,
        text: Result<String, NotEncoded>,
        terms: &Terms,
    ) -> Completed {
        let kept = keep(kind, text, terms);
        let ending = Ending::Complete(kept.outcome, terms.retention);
        self.if_dropped = Some(ending.clone());
        let settled = self.settlement(ending).run().await;
        self.if_dropped = None;
        match settled {
            Settled::Lost => Completed::Lost,
            Settled::Failed => Completed::Unstored,
            Settled::Written => match kept.refused {
                Some(bytes) => Completed::TooLarge { bytes },
                None => Completed::Stored,
            },
        }
    }

    /// After the claim was lost: the outcome of the caller who took over, if there is one already.
    pub(super) async fn successor(mut self, terms: &Terms) -> Option<Outcome> {
        self.if_dropped = None;
        self.renewal = None;
        let observed = self.lease.store().lookup(&terms.key).await.ok()??;
        match decide_claim(Some(&observed.record), observed.now, &terms.request()) {
            ClaimDecision::Replay(outcome) => Some(outcome),
            _ => None,
        }
    }

    fn settlement(&self, ending: Ending) -> Settlement {
        Settlement {
            store: Arc::clone(self.lease.store()),
            claim: self.lease.claim().clone(),
            ending,
            deadline: Instant::now() + self.lease.duration(),
        }
    }
}

impl Drop for Attempt {
    fn drop(&mut self) {
        if let Some(ending) = self.if_dropped.take() {
            self.keeper.detach(self.settlement(ending), self.renewal.take());
        }
    }
}
