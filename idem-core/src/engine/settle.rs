//! The last write of a claim: its outcome, or its release.

use std::future::poll_fn;
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::{Duration, Instant};

use crate::{Claim, Outcome, Store, StoreError};

use super::{report, waiters};

const FIRST_PAUSE: Duration = Duration::from_millis(10);
const LONGEST_PAUSE: Duration = Duration::from_secs(1);
/// How long one write may take, however near the deadline.
const SHORTEST_PATIENCE: Duration = Duration::from_secs(1);
/// When a claim that may still be on its way is looked for. Not for longer: in an outage each call leaves one of these.
const LANDINGS: [Duration; 4] =
    [Duration::from_millis(10), Duration::from_millis(50), Duration::from_millis(250), Duration::from_secs(2)];

/// How a claim ends.
#[derive(Clone)]
pub(super) enum Ending {
    /// With an outcome, kept for this long.
    Complete(Outcome, Duration),
    /// With nothing to keep.
    Release(Landing),
}

/// Whether the claim is known to have reached the store.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Landing {
    Known,
    /// Its acknowledgement never came, and it may still be on its way.
    Unknown,
}

/// What became of it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Settled {
    Written,
    Lost,
    Failed,
}

/// The last write of a claim, to be repeated until it is answered, or until the deadline.
pub(super) struct Settlement {
    pub(super) store: Arc<dyn Store>,
    pub(super) claim: Claim,
    pub(super) ending: Ending,
    pub(super) deadline: Instant,
}

impl Settlement {
    /// Writes, with backoff, until the store answers or the deadline has passed. The last word is always the store's: a
    /// process that was stopped past the deadline may have a successor, and must hear of it.
    pub(super) async fn run(&self) -> Settled {
        if let Ending::Release(Landing::Unknown) = self.ending {
            return self.run_until_landed().await;
        }
        let mut pause = FIRST_PAUSE;
        loop {
            let left = self.deadline.saturating_duration_since(Instant::now());
            if let Some(settled) = self.once().await {
                return settled;
            }
            if left.is_zero() {
                return self.fail("the store did not answer while the lease held");
            }
            tokio::time::sleep(pause.min(left)).await;
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }

    /// Writes until the claim was found, or is not to be expected any more.
    async fn run_until_landed(&self) -> Settled {
        for pause in LANDINGS {
            if self.once().await == Some(Settled::Written) {
                return Settled::Written;
            }
            tokio::time::sleep(pause).await;
        }
        self.once().await.unwrap_or(Settled::Failed)
    }

    /// Writes once; `None` if it may help to write again.
    pub(super) async fn once(&self) -> Option<Settled> {
        match self.answer().await {
            Some(Ok(())) => {
                waiters::wake(&self.claim.key);
                Some(Settled::Written)
            }
            Some(Err(error)) if error.is_claim_lost() => Some(Settled::Lost),
            Some(Err(error)) if error.is_retryable() => None,
            Some(Err(error)) => Some(self.fail(&error.to_string())),
            None => None,
        }
    }

    /// What the store says; `None` if it does not say it in time. One that answers at once needs no timer.
    async fn answer(&self) -> Option<Result<(), StoreError>> {
        let mut write = pin!(self.write());
        let mut timer = None;
        poll_fn(|context| {
            if let Poll::Ready(answer) = write.as_mut().poll(context) {
                return Poll::Ready(Some(answer));
            }
            let timer = timer.get_or_insert_with(|| Box::pin(tokio::time::sleep(self.patience())));
            timer.as_mut().poll(context).map(|()| None)
        })
        .await
    }

    fn patience(&self) -> Duration {
        self.deadline.saturating_duration_since(Instant::now()).max(SHORTEST_PATIENCE)
    }

    async fn write(&self) -> Result<(), StoreError> {
        match &self.ending {
            Ending::Complete(outcome, retention) => self.store.complete(&self.claim, outcome, *retention).await,
            Ending::Release(_) => self.store.release(&self.claim).await,
        }
    }

    fn fail(&self, why: &str) -> Settled {
        match self.ending {
            Ending::Complete(..) => report::not_stored(&self.claim, why),
            Ending::Release(_) => report::not_released(&self.claim, why),
        }
        Settled::Failed
    }
}
