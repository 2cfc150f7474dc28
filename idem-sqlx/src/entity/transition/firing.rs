//! What a transition does: it moves the row, or asks why it could not.

mod values;
mod found;
mod record;
mod written;

use std::borrow::Cow;
use std::marker::PhantomData;

use idem_core::machine::{Audit as _, Event};

use super::answer::{Answer, Asked, Choice, Found, Known, Loaded, answer};
use super::outcome::{Transition, TransitionEvent};
use super::steps::{self, LookAndLock, Record, Take};
use crate::entity::database::Database;
use crate::entity::error::EntityError;
use crate::entity::facts::describe::Role;
use crate::entity::facts::stored::{HasState, Values};
use crate::entity::session::{Need, Open, Session};
use crate::entity::versioned::Versioned;
use crate::transaction::Fate;

/// How often a row is tried that nothing seems to stand against.
const ATTEMPTS: u32 = 2;

/// What fires on which row.
#[derive(Debug)]
pub(in crate::entity) struct Firing<T: Versioned, E: Event> {
    pub(in crate::entity) address: T::Address,
    pub(in crate::entity) expected: Option<i64>,
    pub(in crate::entity) loaded: Option<Loaded<E::Machine>>,
    pub(in crate::entity) key: Option<String>,
    pub(in crate::entity) actor: Option<Cow<'static, str>>,
    pub(in crate::entity) reason: Option<Cow<'static, str>>,
    pub(in crate::entity) is_strict: bool,
    event: PhantomData<E>,
}

/// A move that was made.
struct Made<M> {
    from: M,
    to: M,
    version: Option<i64>,
}

fn has_version<T: Versioned>() -> bool {
    T::TABLE.columns.iter().any(|column| column.role == Role::Version)
}

/// The name of an event in the audit: that of the state before a dot, where an entity has several.
pub(in crate::entity) fn event_name<T: HasState<E::Machine>, E: Event>() -> Cow<'static, str> {
    if T::NAME.is_empty() { E::NAME.into() } else { format!("{}.{}", T::NAME, E::NAME).into() }
}

/// Moves the row and commits what is the call's own, or takes it back and says why the row was not moved.
pub(in crate::entity) async fn run<T, E, S>(
    firing: &Firing<T, E>,
    session: S,
) -> Result<Transition<E::Machine>, EntityError>
where
    S: Session,
    T: HasState<E::Machine> + Values<S::Database>,
    E: Event,
{
    let mut opened = session.open(firing.need::<S::Database>()).await?;
    let outcome = firing.fire(&mut opened).await;
    match outcome {
        Ok(Transition::Applied { .. }) | Err(_) => opened.end(outcome).await,
        // What cannot be taken back on this connection is when it closes, and the outcome stands all the same.
        Ok(_) => {
            opened.undo(Fate::GoesOn).await;
            outcome
        }
    }
}

impl<T: Versioned, E: Event> Firing<T, E> {
    pub(in crate::entity) fn new(address: T::Address) -> Self {
        let (expected, loaded, key, actor, reason) = (None, None, None, None, None);
        Self { address, expected, loaded, key, actor, reason, is_strict: false, event: PhantomData }
    }

    /// One guarded update needs no transaction; with a row in the audit or a look before it, there is more than one.
    fn need<DB: Database>(&self) -> Need {
        if E::Audit::IS_AUDITED || !self.goes_at_once::<DB>() {
            Need::Transaction
        } else if DB::DIALECT.returning || has_version::<T>() {
            Need::Told(T::TABLE.name)
        } else {
            Need::Connection
        }
    }

    /// Whether the first statement can be the one that moves the row. A row that was loaded without a version is compared
    /// by its state, which must then be the only source.
    fn goes_at_once<DB: Database>(&self) -> bool {
        let is_compared = self.loaded.is_none() || self.expected.is_some() || steps::has_one_source(&E::MOVES[0]);
        steps::goes_at_once::<E, DB>() && is_compared
    }

    fn asked(&self) -> Asked<'_, E::Machine> {
        Asked {
            moves: E::MOVES,
            is_tracked: self.key.is_some(),
            expected: self.expected,
            loaded: self.loaded.as_ref(),
            is_strict: self.is_strict,
        }
    }
}

impl<T: HasState<E::Machine>, E: Event> Firing<T, E> {
    async fn fire<O: Open>(&self, on: &mut O) -> Result<Transition<E::Machine>, EntityError>
    where
        T: Values<O::Database>,
    {
        for _ in 0..ATTEMPTS {
            let made = if self.goes_at_once::<O::Database>() {
                self.at_once(on).await?
            } else {
                self.after_a_look(on).await?
            };
            if let Some(Made { from, to, version }) = made {
                let event = TransitionEvent::new(E::EVENT, from, to, version);
                return Ok(Transition::Applied { from, to, version, event });
            }
            let found = found::look::<T, E, O::Database>(self, on.connection()).await?;
            if let Some(transition) = self.explained(found.as_ref())? {
                return Ok(transition);
            }
        }
        Err(EntityError::raced(format!("`{}` of `{}`", E::NAME, T::TABLE.name)))
    }

    /// Why the row was not moved; `None` if nothing stands against it now.
    fn explained(&self, found: Option<&Found<E::Machine>>) -> Result<Option<Transition<E::Machine>>, EntityError> {
        let answer = answer(&self.asked(), found);
        let Some(Found { state: current, .. }) = found else {
            return Ok(Some(Transition::NotFound));
        };
        let current = *current;
        match answer {
            Answer::NotFound => Ok(Some(Transition::NotFound)),
            Answer::AlreadyApplied(evidence) => Ok(Some(Transition::AlreadyApplied { current, evidence })),
            Answer::Conflict(why) => Ok(Some(Transition::Conflict { current, why })),
            Answer::Rejected(guard) => Ok(Some(Transition::Rejected { guard, current })),
            Answer::KeyReused(event) => Err(EntityError::key_reused(self.key.clone().unwrap_or_default(), event)),
            Answer::Raced => Ok(None),
        }
    }

    /// Moves the row without a look at it.
    async fn at_once<O: Open>(&self, on: &mut O) -> Result<Option<Made<E::Machine>>, EntityError>
    where
        T: Values<O::Database>,
    {
        let step = &E::MOVES[0];
        if let Some(loaded) = &self.loaded
            && (!step.sources.contains(&loaded.state) || loaded.refusals[0].is_some())
        {
            return Ok(None);
        }
        if E::Audit::IS_AUDITED {
            let sql = if self.expected.is_some() {
                Record::<T, E, O::Database, true>::SQL
            } else {
                Record::<T, E, O::Database, false>::SQL
            };
            let recorded = self.record(on, sql, self.expected).await?;
            let Some(from) = recorded else { return Ok(None) };
            return self.advance(on, 0, from.unwrap_or(step.sources[0])).await.map(Some);
        }
        let sql = if self.expected.is_some() {
            Take::<T, E, O::Database, true>::SQL
        } else {
            Take::<T, E, O::Database, false>::SQL
        };
        let from = steps::has_one_source(step).then_some(step.sources[0]);
        self.update(on, sql, self.expected, (from, step)).await
    }

    /// Locks the row, chooses the move, and makes it.
    async fn after_a_look<O: Open>(&self, on: &mut O) -> Result<Option<Made<E::Machine>>, EntityError>
    where
        T: Values<O::Database>,
    {
        let arguments = self.addressed::<O::Database>(None)?;
        let rows = O::Database::fetch(on.connection(), LookAndLock::<T, E, O::Database>::SQL, arguments).await?;
        let Some(row) = rows.first() else { return Ok(None) };
        let found = found::found::<T, E, O::Database>(row, Known::Nothing)?;
        let asked = self.asked();
        let Choice::Move(index) = asked.choose(&found) else { return Ok(None) };
        if asked.is_stale(&found) {
            return Ok(None);
        }
        if E::Audit::IS_AUDITED {
            let sql = steps::records::<T, E, O::Database>()[index];
            let recorded = self.record(on, sql, None).await?;
            if recorded.is_none() {
                return Ok(None);
            }
        }
        self.advance(on, index, found.state).await.map(Some)
    }

    /// Makes a move whose row is locked and fit.
    async fn advance<O: Open>(
        &self,
        on: &mut O,
        index: usize,
        from: E::Machine,
    ) -> Result<Made<E::Machine>, EntityError>
    where
        T: Values<O::Database>,
    {
        let sql = steps::advances::<T, E, O::Database>()[index];
        let made = self.update(on, sql, None, (Some(from), &E::MOVES[index])).await?;
        // Under the lock only a trigger or a policy could hide the row, or on SQLite nothing.
        made.ok_or_else(|| EntityError::raced(format!("`{}` of `{}`", E::NAME, T::TABLE.name)))
    }
}
