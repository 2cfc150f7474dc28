//! The statements of transitions: what is said, each in one place.
//!
//! Codes are literals, which the database takes for whatever type the column has: text, enum or domain. A condition must be
//! true, not merely not false: `(guard) IS TRUE`.

mod parts;
mod audit;

use idem_core::machine::{Audit, Event, Fencing as _, Move};

use super::answer::MOST_MOVES;
use crate::entity::database::Database;
use crate::entity::facts::stored::HasState;
use crate::entity::sql::clauses::{addressed, alive};
use crate::entity::sql::text::composed;
use audit::{guards, known, once, recorded};
use parts::{from_before, from_row, leaving, meeting, moved, returning, seen, state_and_version};

composed! {
    /// Moves the row by an event with one move, if nothing stands against it. Values: the address, and the version if it is
    /// compared. Columns, where updates return: as of [`Written`], whether triggers follow, and the state it was in if there are
    /// several sources.
    Take<T: HasState<E::Machine>, E: Event, DB; const VERSIONED: bool> = |text| {
        let step = &E::MOVES[0];
        if !E::Audit::IS_AUDITED && goes_at_once::<E, DB>() {
            moved(text, &T::TABLE, T::COLUMN, step);
            if has_one_source(step) {
                meeting(text, &T::TABLE, T::COLUMN, step, VERSIONED);
                returning(text, &T::TABLE, T::COLUMN);
            } else {
                from_before(text, &T::TABLE, T::COLUMN, step, VERSIONED);
                returning(text, &T::TABLE, T::COLUMN);
                text.push(", \"idem_state\"");
            }
        }
    }

    /// Moves a row that the transaction has locked and found fit. Values: the address. Columns, where updates return: as of
    /// [`Written`], and whether triggers follow.
    Advance<T: HasState<E::Machine>, E: Event, DB; const MOVE: usize> = |text| {
        if MOVE < E::MOVES.len() {
            moved(text, &T::TABLE, T::COLUMN, &E::MOVES[MOVE]);
            addressed(text, &T::TABLE);
            alive(text, &T::TABLE);
            leaving(text, &T::TABLE, T::COLUMN, &E::MOVES[MOVE]);
            returning(text, &T::TABLE, T::COLUMN);
        }
    }

    /// Reads what became of the row that the transaction has moved, deleted or not. Values: the address. Columns: the state, the
    /// version.
    Written<T: HasState<E::Machine>, E: Event, DB> = |text| {
        text.push("SELECT ");
        state_and_version(text, &T::TABLE, T::COLUMN);
        text.push(" FROM ");
        text.table(T::TABLE.name);
        addressed(text, &T::TABLE);
    }

    /// Locks the row and writes the audit row of an event with one move, if nothing stands against either. Values: the key,
    /// the actor, the reason, the address, and the version if it is compared. Columns: the state it was in.
    Record<T: HasState<E::Machine>, E: Event, DB; const VERSIONED: bool> = |text| {
        if E::Audit::IS_AUDITED && goes_at_once::<E, DB>() {
            recorded::<CAPACITY, T, E>(text, &E::MOVES[0]);
            meeting(text, &T::TABLE, T::COLUMN, &E::MOVES[0], VERSIONED);
            once(text, &T::TABLE, E::Fence::IS_KEY);
        }
    }

    /// Writes the audit row of a move whose row the transaction has locked and found fit. Values: the key, the actor, the
    /// reason, the address. Columns: the state it was in.
    RecordMove<T: HasState<E::Machine>, E: Event, DB; const MOVE: usize> = |text| {
        if E::Audit::IS_AUDITED && MOVE < E::MOVES.len() {
            recorded::<CAPACITY, T, E>(text, &E::MOVES[MOVE]);
            addressed(text, &T::TABLE);
            alive(text, &T::TABLE);
            leaving(text, &T::TABLE, T::COLUMN, &E::MOVES[MOVE]);
            once(text, &T::TABLE, E::Fence::IS_KEY);
        }
    }

    /// Locks the row, and tells what the event would come to. Values: the address. Columns: the state, the version, and
    /// whether the condition of each move holds.
    LookAndLock<T: HasState<E::Machine>, E: Event, DB> = |text| {
        seen(text, &T::TABLE, T::COLUMN, E::MOVES);
        from_row(text, &T::TABLE);
        text.push(text.dialect().for_update);
    }

    /// Counts the constraints that guard the key, where it is the fence and an insert cannot name them. Values: the schema of the
    /// audit or NULL, its name.
    Guards<T: HasState<E::Machine>, E: Event, DB> = |text| {
        if E::Audit::IS_AUDITED && E::Fence::IS_KEY && !text.dialect().names_constraint() {
            guards(text, &T::TABLE);
        }
    }

    /// Tells what stands against the event, as it is by now. Values: for an event with audit the address and the key, three
    /// times; the address. Columns: as above; for an event with audit the event and the target of the key, and the key.
    Look<T: HasState<E::Machine>, E: Event, DB> = |text| {
        seen(text, &T::TABLE, T::COLUMN, E::MOVES);
        if E::Audit::IS_AUDITED {
            known(text, &T::TABLE, "event");
            known(text, &T::TABLE, "to_state");
            known(text, &T::TABLE, "key");
        }
        from_row(text, &T::TABLE);
        text.push(text.dialect().current_read);
    }
}

/// The statement of each move of an event, by its place.
macro_rules! of_each_move {
    ($(#[$doc:meta])* $name:ident, $statement:ident) => {
        $(#[$doc])*
        pub(in crate::entity) const fn $name<T: HasState<E::Machine>, E: Event, DB: Database>() -> [&'static str; MOST_MOVES] {
            [
                $statement::<T, E, DB, 0>::SQL,
                $statement::<T, E, DB, 1>::SQL,
                $statement::<T, E, DB, 2>::SQL,
                $statement::<T, E, DB, 3>::SQL,
                $statement::<T, E, DB, 4>::SQL,
                $statement::<T, E, DB, 5>::SQL,
                $statement::<T, E, DB, 6>::SQL,
                $statement::<T, E, DB, 7>::SQL,
            ]
        }
    };
}
of_each_move! {
    /// [`Advance`] of each move.
    advances, Advance
}
of_each_move! {
    /// [`RecordMove`] of each move.
    records, RecordMove
}

/// Whether an event moves a row without a look at it: it must be known which move it is, and where the row comes from.
pub(in crate::entity) const fn goes_at_once<E: Event, DB: Database>() -> bool {
    let tells = if E::Audit::IS_AUDITED { DB::DIALECT.returning } else { DB::DIALECT.returning_joined };
    E::MOVES.len() == 1 && (tells || has_one_source(&E::MOVES[0]))
}

pub(in crate::entity) const fn has_one_source<M>(step: &Move<M>) -> bool {
    step.sources.len() == 1
}

/// The statements of an event, by name: what a review of them has to look at.
#[doc(hidden)]
#[must_use]
pub fn statements_of_event<T: HasState<E::Machine>, E: Event, DB: Database>() -> Vec<(&'static str, &'static str)> {
    let mut all = vec![
        ("take", Take::<T, E, DB, false>::SQL),
        ("take at version", Take::<T, E, DB, true>::SQL),
        ("look and lock", LookAndLock::<T, E, DB>::SQL),
        ("guards", Guards::<T, E, DB>::SQL),
        ("record", Record::<T, E, DB, false>::SQL),
        ("record at version", Record::<T, E, DB, true>::SQL),
    ];
    all.extend(records::<T, E, DB>().map(|sql| ("record move", sql)));
    all.extend(advances::<T, E, DB>().map(|sql| ("advance", sql)));
    all.push(("written", Written::<T, E, DB>::SQL));
    all.push(("look", Look::<T, E, DB>::SQL));
    all.retain(|(_, sql)| !sql.is_empty());
    all
}
