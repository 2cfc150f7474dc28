//! What became of a transition.

use idem_core::machine::{GuardError, MachineEvent as _, StateMachine};

use crate::entity::error::{EntityError, Refusal};

/// What became of a transition.
///
/// A retry is told from an illegal move: what was applied before is [`AlreadyApplied`](Self::AlreadyApplied), and the caller
/// answers as the first time. Only `Applied` has a [`TransitionEvent`], so only the one who moved the row can publish.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use = "a `Conflict` or `NotFound` means the row was NOT updated; match on it, or call `.applied()?`"]
pub enum Transition<S: StateMachine> {
    /// This call moved the row.
    Applied {
        /// The state it was in.
        from: S,
        /// The state it is in.
        to: S,
        /// The version it has now, if the table has a version.
        version: Option<i64>,
        /// That it happened, for whoever must be told.
        event: TransitionEvent<S>,
    },
    /// It happened before: this is a retry, or as good as one.
    AlreadyApplied {
        /// The state that the row is in.
        current: S,
        /// How that is known.
        evidence: Evidence,
    },
    /// The row is not as the event needs it.
    Conflict {
        /// The state that the row is in.
        current: S,
        /// What stands against it.
        why: Why<S>,
    },
    /// The event would be legal, but a guard refuses.
    Rejected {
        /// Why it does.
        guard: GuardError,
        /// The state that the row is in.
        current: S,
    },
    /// There is no such row, or it is another tenant's, or it counts as deleted.
    NotFound,
}

/// How it is known that an event was applied before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Evidence {
    /// It is in the audit under the same key.
    SameKey,
    /// The row is in the event's target, and no key tells whose doing that was.
    SameState,
    /// The row is in a state that can only be reached through the event's target.
    PassedThrough,
}

/// What stands against an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why<S: StateMachine> {
    /// The row is in the event's target, but not under this key: somebody else was first.
    AppliedByOther,
    /// The row has been written since it was loaded.
    StaleVersion {
        /// The version that the caller has seen; `None` if the table has none, and it is the state that has changed.
        expected: Option<i64>,
        /// The version that the row has.
        found: Option<i64>,
    },
    /// The event does not leave the state that the row is in.
    Illegal {
        /// The events that do.
        legal: &'static [S::Event],
    },
}

/// That an event happened. It cannot be made up: only the call that moved the row has one.
///
/// ```compile_fail,E0451
/// # use idem_sqlx::entity::TransitionEvent;
/// # fn forge<S: idem_core::machine::StateMachine>(event: S::Event, from: S, to: S) -> TransitionEvent<S> {
/// TransitionEvent { event, from, to, version: None }
/// # }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TransitionEvent<S: StateMachine> {
    event: S::Event,
    from: S,
    to: S,
    version: Option<i64>,
}

impl<S: StateMachine> TransitionEvent<S> {
    pub(in crate::entity) fn new(event: S::Event, from: S, to: S, version: Option<i64>) -> Self {
        Self { event, from, to, version }
    }

    /// The event.
    #[must_use]
    pub fn event(&self) -> S::Event {
        self.event
    }

    /// The state that the row was in.
    #[must_use]
    pub fn from(&self) -> S {
        self.from
    }

    /// The state that it is in.
    #[must_use]
    pub fn to(&self) -> S {
        self.to
    }

    /// The version that the row has since, if the table has a version.
    #[must_use]
    pub fn version(&self) -> Option<i64> {
        self.version
    }
}

impl<S: StateMachine> Transition<S> {
    /// The event, if this very call applied it.
    ///
    /// # Errors
    ///
    /// Any other outcome: [`is_already_applied`](EntityError::is_already_applied), [`is_conflict`](EntityError::is_conflict),
    /// [`is_rejected`](EntityError::is_rejected) or [`is_not_found`](EntityError::is_not_found).
    pub fn applied(self) -> Result<TransitionEvent<S>, EntityError> {
        match self {
            Self::Applied { event, .. } => Ok(event),
            other => Err(other.refusal()),
        }
    }

    /// The state that the row is in, if the event is applied, now or before: all that the answer to a retry needs.
    ///
    /// # Errors
    ///
    /// Any other outcome: [`is_conflict`](EntityError::is_conflict), [`is_rejected`](EntityError::is_rejected) or
    /// [`is_not_found`](EntityError::is_not_found).
    pub fn accepted(self) -> Result<S, EntityError> {
        match self {
            Self::Applied { to: current, .. } | Self::AlreadyApplied { current, .. } => Ok(current),
            other => Err(other.refusal()),
        }
    }

    fn refusal(&self) -> EntityError {
        let machine = S::NAME;
        match self {
            Self::Applied { to: current, .. } | Self::AlreadyApplied { current, .. } => EntityError::not_applied(
                Refusal::Already,
                format!("the event was applied before; `{machine}` is `{}`", current.name()),
            ),
            Self::Conflict { current, why } => {
                let (state, why) = (current.name(), why.in_words());
                EntityError::not_applied(Refusal::Conflict, format!("`{machine}` is `{state}`: {why}"))
            }
            Self::Rejected { guard, current } => EntityError::not_applied(
                Refusal::Rejected,
                format!("`{machine}` is `{}`, and a guard refuses: {guard}", current.name()),
            ),
            Self::NotFound => {
                EntityError::not_applied(Refusal::NotFound, format!("there is no row with `{machine}` to move"))
            }
        }
    }
}

impl<S: StateMachine> Why<S> {
    fn in_words(&self) -> String {
        match self {
            Self::AppliedByOther => "the event was applied under another key".to_owned(),
            Self::StaleVersion { expected: Some(expected), found: Some(found) } => {
                format!("the row has the version {found} by now, and not {expected}")
            }
            Self::StaleVersion { .. } => "the row has changed since it was loaded".to_owned(),
            Self::Illegal { legal: [] } => "no event can fire there".to_owned(),
            Self::Illegal { legal } => {
                let legal: Vec<_> = legal.iter().map(|event| format!("`{}`", event.name())).collect();
                format!("the event cannot fire there; legal: {}", legal.join(", "))
            }
        }
    }
}
