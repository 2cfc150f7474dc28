//! What a call tells the outside: one event and one count of how it ended, and an event for what a person should know.
//!
//! Scopes are named, keys never.

use tracing::{debug, error, info, warn};

use crate::error::Reason;
use crate::{Claim, Error, Key, Origin, Scope, StoreError};

use super::settle::Ending;

/// How a call ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    Executed,
    Replayed,
    WaitedAndReplayed,
    InProgress,
    Mismatch,
    Abandoned,
    ClaimLost,
    Exhausted,
    /// The body does not know what it did.
    Unknown,
    Failed,
}

impl End {
    fn name(self) -> &'static str {
        match self {
            Self::Executed => "executed",
            Self::Replayed => "replayed",
            Self::WaitedAndReplayed => "waited_and_replayed",
            Self::InProgress => "in_progress",
            Self::Mismatch => "mismatch",
            Self::Abandoned => "abandoned",
            Self::ClaimLost => "claim_lost",
            Self::Exhausted => "exhausted",
            Self::Unknown => "unknown",
            Self::Failed => "failed",
        }
    }

    fn of(error: &Error) -> Self {
        match error.reason() {
            Reason::InProgress { .. } | Reason::WaitTimeout { .. } | Reason::InTransaction => Self::InProgress,
            Reason::Mismatch => Self::Mismatch,
            Reason::Abandoned => Self::Abandoned,
            Reason::ClaimLost => Self::ClaimLost,
            Reason::Exhausted { .. } => Self::Exhausted,
            _ => Self::Failed,
        }
    }
}

/// A call, which ends exactly once: as it is told, or as `if_dropped` says when it is dropped before.
pub(super) struct Call {
    scope: Scope,
    waited: bool,
    if_dropped: Option<End>,
}

impl Call {
    pub(super) fn begin(key: &Key) -> Self {
        Self { scope: key.scope().clone(), waited: false, if_dropped: Some(End::Failed) }
    }

    /// The call waits for another one.
    pub(super) fn waits(&mut self) {
        self.waited = true;
    }

    /// The body has returned an outcome to keep, which is stored even if the call is dropped now.
    pub(super) fn returned(&mut self) {
        self.if_dropped = Some(End::Executed);
    }

    /// The claim was lost, and what the body returned is not the answer.
    pub(super) fn lost(&mut self) {
        self.if_dropped = Some(End::ClaimLost);
    }

    pub(super) fn fail(&mut self, error: Error) -> Error {
        self.end(End::of(&error));
        error
    }

    pub(super) fn end(&mut self, end: End) {
        self.if_dropped = None;
        let end = if end == End::Replayed && self.waited { End::WaitedAndReplayed } else { end };
        let scope = self.scope.as_str();
        match end {
            End::Executed | End::Replayed | End::WaitedAndReplayed | End::InProgress => {
                debug!(target: "idem", scope, end = end.name(), "call ended");
            }
            _ => warn!(target: "idem", scope, end = end.name(), "call ended"),
        }
        #[cfg(feature = "metrics")]
        metrics::counter!("idem_calls_total", "scope" => scope.to_owned(), "end" => end.name()).increment(1);
    }
}

impl Drop for Call {
    fn drop(&mut self) {
        if let Some(end) = self.if_dropped {
            self.end(end);
        }
    }
}

/// A call holds the claim and is about to execute. A claim that finds itself, after other attempts, may have been a takeover whose
/// acknowledgement was lost: it is told as one, since a takeover that nobody heard of is worse.
pub(super) fn acquired(claim: &Claim) {
    let takeover = match claim.origin {
        Origin::Takeover => true,
        Origin::Repeated => claim.attempt > 1,
        Origin::Free => false,
    };
    if takeover {
        warn!(
            target: "idem",
            scope = claim.key.scope().as_str(),
            fence = claim.fence.number(),
            attempt = claim.attempt,
            "takeover: the claim before lapsed, and its body may have had effects",
        );
        count("idem_takeovers_total", claim.key.scope());
    }
}

/// The call ended before it had a key: an option is out of bounds, or the key is empty.
pub(super) fn misused(error: &Error) {
    warn!(target: "idem", end = End::Failed.name(), %error, "call ended");
    #[cfg(feature = "metrics")]
    metrics::counter!("idem_calls_total", "scope" => "unknown", "end" => End::Failed.name()).increment(1);
}

/// The outcome is not stored, and a mark takes its place.
pub(super) fn omitted(key: &Key, why: &str) {
    warn!(target: "idem", scope = key.scope().as_str(), why, "the outcome is omitted; retries will not get it");
    count("idem_outcomes_omitted_total", key.scope());
}

/// A claim has not ended as it should for a while. The keeper goes on, and renews its lease if its body has returned.
pub(super) fn not_settled(claim: &Claim, ending: &Ending, why: Option<&StoreError>) {
    warn!(
        target: "idem",
        scope = claim.key.scope().as_str(),
        fence = claim.fence.number(),
        to_be = ending.name(),
        code = why.and_then(StoreError::code),
        why = why.map_or_else(|| "the store did not answer in time".to_owned(), ToString::to_string),
        "the end of a claim is not stored yet; it is tried for as long as this process lives",
    );
    if let Ending::Complete(..) = ending {
        count("idem_outcomes_not_stored_total", claim.key.scope());
    }
}

/// Somebody has taken the claim over while the store could not be written. If the caller waited no longer it has been told an
/// outcome, and retries will get another.
pub(super) fn superseded(claim: &Claim, ending: &Ending) {
    if let Ending::Complete(..) = ending {
        error!(
            target: "idem",
            scope = claim.key.scope().as_str(),
            fence = claim.fence.number(),
            "an outcome is not stored: its claim was taken over while the store could not be written",
        );
        count("idem_outcomes_not_stored_total", claim.key.scope());
    }
}

/// What [`not_settled`] or [`refused`] told of is over.
pub(super) fn settled_at_last(claim: &Claim, written: &'static str) {
    info!(
        target: "idem",
        scope = claim.key.scope().as_str(),
        fence = claim.fence.number(),
        written,
        "the end of a claim is stored after all",
    );
}

/// The store refuses an outcome, and took something in its place.
pub(super) fn written_in_its_place(claim: &Claim, instead: &Ending, why: &StoreError) {
    error!(
        target: "idem",
        scope = claim.key.scope().as_str(),
        fence = claim.fence.number(),
        instead = instead.name(),
        code = why.code(),
        %why,
        "the store refuses an outcome, so that retries will not get it; the body does not run again",
    );
    count("idem_outcomes_omitted_total", claim.key.scope());
}

/// The store refuses an outcome, and everything that could stand in its place.
pub(super) fn refused(claim: &Claim, ending: &Ending, why: &StoreError) {
    error!(
        target: "idem",
        scope = claim.key.scope().as_str(),
        fence = claim.fence.number(),
        to_be = ending.name(),
        code = why.code(),
        %why,
        "the store refuses every end of a claim whose body has run; the claim is kept and tried again for as long as this \
         process lives, so mend the store before it ends",
    );
    count("idem_outcomes_not_stored_total", claim.key.scope());
}

/// A lease is not renewed. Told once, until a renewal succeeds again: if none does, the claim lapses while its body runs.
pub(super) fn not_renewed(claim: &Claim, why: Option<&StoreError>) {
    warn!(
        target: "idem",
        scope = claim.key.scope().as_str(),
        fence = claim.fence.number(),
        code = why.and_then(StoreError::code),
        why = why.map_or_else(|| "the store did not answer in time".to_owned(), ToString::to_string),
        "a lease could not be renewed; it is tried again, and if that does not help the claim lapses while its body runs",
    );
    count("idem_renewals_failed_total", claim.key.scope());
}

/// The thread that renews leases comes late. Told once, until it is in time again.
pub(super) fn renewed_late(claim: &Claim) {
    warn!(
        target: "idem",
        scope = claim.key.scope().as_str(),
        fence = claim.fence.number(),
        "a lease is renewed late: the process has too little processor time, was stopped, or blocks the thread that renews. If it \
         gets worse, claims lapse while their bodies run",
    );
    count("idem_renewals_late_total", claim.key.scope());
}

/// So many callers gave up while they claimed that this claim is not looked for. Told once, until half of the room is free again.
pub(super) fn not_looked_for(key: &Key) {
    warn!(
        target: "idem",
        scope = key.scope().as_str(),
        "too many callers gave up while they claimed; some of their claims are not looked for. A key that was claimed stays blocked \
         until the lease ends, and under `refuse` until somebody settles it",
    );
}

/// The store refuses to release a claim.
pub(super) fn not_released(claim: &Claim, why: &StoreError) {
    warn!(
        target: "idem",
        scope = claim.key.scope().as_str(),
        code = why.code(),
        %why,
        "the claim could not be released; the key stays claimed until its lease runs out",
    );
}

#[cfg_attr(not(feature = "metrics"), expect(unused_variables, reason = "counts need the feature"))]
fn count(name: &'static str, scope: &Scope) {
    #[cfg(feature = "metrics")]
    metrics::counter!(name, "scope" => scope.as_str().to_owned()).increment(1);
}
