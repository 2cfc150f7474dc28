//! One execution under its claim, from the first poll of the body to the record of its outcome.

use std::sync::{Arc, LazyLock};
use std::time::Instant;

use crate::codec::NotEncoded;
use crate::decision::decide_claim;
use crate::operation::Terms;
use crate::policy::OverLimit;
use crate::{Abandoned, Claim, ClaimDecision, Codec, Execution, Outcome, OutcomeKind, Store};

use super::keeper::{Keeper, Renewal};
use super::lease::Lease;
use super::report;
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
        let lease = Arc::new(Lease::new(store, claim, terms.lease));
        let renewal = keeper.renew(Arc::clone(&lease), asked_at);
        // A body that panics or is dropped may have had effects. Under `refuse` its claim is left to lapse, because its
        // outcome is unknown; otherwise the next call may run at once.
        let if_dropped = match terms.abandoned {
            Abandoned::Rerun => Some(Ending::Release(Landing::Known)),
            Abandoned::Refuse => None,
        };
        Self { keeper, lease, renewal: Some(renewal), if_dropped }
    }

    pub(super) fn execution(&self) -> Execution {
        Execution::new(Arc::clone(&self.lease))
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
        let too_large = text.as_ref().ok().map(String::len).filter(|bytes| *bytes > terms.limit.bytes);
        let outcome = stored(kind, text, too_large, terms);
        let ending = Ending::Complete(outcome, terms.retention);
        self.if_dropped = Some(ending.clone());
        let settled = self.settlement(ending).run().await;
        self.if_dropped = None;
        match settled {
            Settled::Lost => Completed::Lost,
            Settled::Failed => Completed::Unstored,
            Settled::Written => match too_large {
                Some(bytes) if terms.limit.over == OverLimit::Error => Completed::TooLarge { bytes },
                _ => Completed::Stored,
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

/// The outcome to store. One that is too large, or that JSON cannot hold, leaves a mark, so that it never runs again.
fn stored(kind: OutcomeKind, text: Result<String, NotEncoded>, too_large: Option<usize>, terms: &Terms) -> Outcome {
    let why = match (&text, too_large) {
        (Err(error), _) => Some(error.to_string()),
        (Ok(_), Some(bytes)) => Some(format!("{bytes} bytes are over the limit of {}", terms.limit.bytes)),
        (Ok(_), None) => None,
    };
    match (why, text) {
        (None, Ok(text)) => Outcome { kind, codec: Codec::Json, version: terms.version, text: text.into() },
        (why, _) => {
            report::omitted(&terms.key, &why.unwrap_or_default());
            omitted(kind, terms)
        }
    }
}

/// A mark that the key is done, in place of its outcome.
fn omitted(kind: OutcomeKind, terms: &Terms) -> Outcome {
    static NOTHING: LazyLock<Arc<str>> = LazyLock::new(|| "".into());

    Outcome { kind, codec: Codec::Omitted, version: terms.version, text: Arc::clone(&NOTHING) }
}
