//! The table that tells a retry from an illegal move.

#[cfg(test)]
mod tests;

use idem_core::machine::{GuardError, Move, StateMachine};

use super::outcome::{Evidence, Why};

/// The most moves that an event has; the derive refuses more.
pub(in crate::entity) const MOST_MOVES: usize = 8;

/// What the caller asks for.
#[derive(Debug)]
pub(in crate::entity) struct Asked<'a, M: StateMachine> {
    /// The moves of the event.
    pub(in crate::entity) moves: &'static [Move<M>],
    /// Whether the caller gave a key, and the audit keeps it.
    pub(in crate::entity) is_tracked: bool,
    /// The version that the caller has seen.
    pub(in crate::entity) expected: Option<i64>,
    /// What the caller has loaded, if it did.
    pub(in crate::entity) loaded: Option<&'a Loaded<M>>,
    /// Whether having passed the target counts for nothing.
    pub(in crate::entity) is_strict: bool,
}

/// What is known of a row that the caller has loaded.
#[derive(Debug)]
pub(in crate::entity) struct Loaded<M> {
    pub(in crate::entity) state: M,
    /// What the Rust guards say against the moves, as far as they leave that state.
    pub(in crate::entity) refusals: [Option<GuardError>; MOST_MOVES],
}

/// What the row is like now.
#[derive(Debug)]
pub(in crate::entity) struct Found<M> {
    pub(in crate::entity) state: M,
    pub(in crate::entity) version: Option<i64>,
    /// Whether the conditions of the moves hold; those without one do.
    pub(in crate::entity) holds: [bool; MOST_MOVES],
    pub(in crate::entity) known: Known,
}

/// What the audit knows of the key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::entity) enum Known {
    /// Nothing, or there is no key.
    Nothing,
    /// It led to a target of this event.
    SameTarget,
    /// It led elsewhere, by this event.
    Elsewhere(String),
}

/// Why the row was not moved.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::entity) enum Answer<M: StateMachine> {
    NotFound,
    AlreadyApplied(Evidence),
    KeyReused(String),
    Conflict(Why<M>),
    Rejected(GuardError),
    /// Nothing stands against it now.
    Raced,
}

/// What the moves of an event come to in a state.
#[derive(Debug)]
pub(in crate::entity) enum Choice {
    /// The first move that leaves the state and whose guards agree, by its place.
    Move(usize),
    /// Moves leave the state, and guards refuse them all; the first of the reasons.
    Refused(GuardError),
    /// No move leaves the state.
    Illegal,
}

/// Answers by the first row of the table that matches. It has ten; the numbers are those of its documentation.
pub(in crate::entity) fn answer<M: StateMachine>(asked: &Asked<'_, M>, found: Option<&Found<M>>) -> Answer<M> {
    let Some(found) = found else {
        return Answer::NotFound; // 1
    };
    match &found.known {
        Known::SameTarget => return Answer::AlreadyApplied(Evidence::SameKey), // 2
        Known::Elsewhere(event) => return Answer::KeyReused(event.clone()),    // 3
        Known::Nothing => {}
    }
    if asked.has_arrived(found) {
        return if asked.is_tracked {
            Answer::Conflict(Why::AppliedByOther) // 4
        } else {
            Answer::AlreadyApplied(Evidence::SameState) // 5
        };
    }
    let choice = asked.choose(found);
    if !matches!(choice, Choice::Illegal) && asked.is_stale(found) {
        return Answer::Conflict(Why::StaleVersion { expected: asked.expected, found: found.version }); // 6
    }
    match choice {
        Choice::Refused(guard) => Answer::Rejected(guard), // 7
        Choice::Move(_) => Answer::Raced,                  // 8
        Choice::Illegal if asked.has_passed(found) => Answer::AlreadyApplied(Evidence::PassedThrough), // 9
        Choice::Illegal => Answer::Conflict(Why::Illegal { legal: found.state.events() }), // 10
    }
}

impl<M: StateMachine> Asked<'_, M> {
    /// Which move the event takes where the row is now.
    pub(in crate::entity) fn choose(&self, found: &Found<M>) -> Choice {
        let mut refused = None;
        for (index, step) in self.moves.iter().enumerate() {
            if !step.sources.contains(&found.state) {
                continue;
            }
            let refusal = self.loaded.and_then(|loaded| loaded.refusals[index].clone());
            let refusal = refusal.or_else(|| (!found.holds[index]).then(|| does_not_hold(step)));
            match refusal {
                None => return Choice::Move(index),
                Some(refusal) => refused = refused.or(Some(refusal)),
            }
        }
        refused.map_or(Choice::Illegal, Choice::Refused)
    }

    /// Whether the row has changed since the caller has seen it. Without a version that is its state.
    pub(in crate::entity) fn is_stale(&self, found: &Found<M>) -> bool {
        self.expected.is_some_and(|expected| found.version != Some(expected))
            || self.loaded.is_some_and(|loaded| loaded.state != found.state)
    }

    /// Whether the row is where the event leads. Where the event leaves that state too, only a caller who has loaded the row
    /// in another one can have meant the move that leads there.
    fn has_arrived(&self, found: &Found<M>) -> bool {
        let may_leave = self.moves.iter().any(|step| step.sources.contains(&found.state));
        let was_elsewhere = self.loaded.is_some_and(|loaded| loaded.state != found.state);
        (was_elsewhere || !may_leave) && self.meant().any(|step| step.target == found.state)
    }

    /// Whether the row must have been where the event leads. Rows begin in the initial state without any event, and a move
    /// from a state to itself leaves no trace in the graph.
    fn has_passed(&self, found: &Found<M>) -> bool {
        let tells = |step: &&Move<M>| step.target != M::INITIAL && !step.sources.contains(&step.target);
        !self.is_tracked
            && !self.is_strict
            && self.meant().filter(tells).any(|step| found.state.has_passed(step.target))
    }

    /// The moves that the caller can have meant.
    fn meant(&self) -> impl Iterator<Item = &'static Move<M>> {
        self.moves.iter().filter(|step| self.loaded.is_none_or(|loaded| step.sources.contains(&loaded.state)))
    }
}

fn does_not_hold<M: StateMachine>(step: &Move<M>) -> GuardError {
    match step.guard_sql {
        Some(condition) => GuardError::new(format!("`{condition}` does not hold")),
        None => GuardError::new(format!("the guard of `{}` refuses", step.event)),
    }
}
