//! What a row is like now: the columns of a look.

use idem_core::machine::{Audit as _, Event};

use super::Firing;
use crate::entity::database::{Arguments, Database};
use crate::entity::error::EntityError;
use crate::entity::facts::describe::{Role, Table};
use crate::entity::facts::state::Stored;
use crate::entity::facts::stored::{HasState, Values};
use crate::entity::transition::answer::{Found, Known, MOST_MOVES};
use crate::entity::transition::steps::Look;
use crate::entity::versioned::Versioned;

/// The column of a look at which the conditions of the moves begin.
const GUARDS: usize = 2;

/// The row as it is by now, and what the audit knows of the key.
pub(super) async fn look<T, E, DB>(
    firing: &Firing<T, E>,
    on: &mut DB::Connection,
) -> Result<Option<Found<E::Machine>>, EntityError>
where
    T: HasState<E::Machine> + Values<DB>,
    E: Event,
    DB: Database,
{
    let mut arguments = Arguments::<DB>::default();
    if E::Audit::IS_AUDITED {
        for _column in ["event", "to_state", "key"] {
            firing.bind::<DB>(&mut arguments, None)?;
            DB::bind_text(&mut arguments, firing.key.as_deref()).map_err(sqlx::Error::Encode)?;
        }
    }
    firing.bind::<DB>(&mut arguments, None)?;
    let rows = DB::fetch(on, Look::<T, E, DB>::SQL, arguments).await?;
    let Some(row) = rows.first() else { return Ok(None) };
    let mut known = Known::Nothing;
    if E::Audit::IS_AUDITED {
        let after = GUARDS + E::MOVES.len();
        if let (Some(event), Some(target)) = (DB::stored(row, after)?, DB::stored(row, after + 1)?) {
            let key = DB::stored(row, after + 2)?.map(Stored::into_text);
            if key.as_deref() != firing.key.as_deref() {
                return Err(takes_for_another(&T::TABLE));
            }
            known = led_to::<T, E>(event, &target);
        }
    }
    found::<T, E, DB>(row, known).map(Some)
}

/// A key that was never given would be taken for a retry.
fn takes_for_another(table: &Table) -> EntityError {
    EntityError::misuse(format!(
        "the column `key` of `{}` takes one key for another; let it compare byte by byte, on MySQL as VARBINARY(255)",
        table.audit.unwrap_or_default()
    ))
}

/// Where a row of the audit led, as this event sees it: an event of the same state with the same target is as good.
fn led_to<T: HasState<E::Machine>, E: Event>(event: Stored, target: &Stored) -> Known {
    let event = event.into_text();
    let state = event.rsplit_once('.').map_or("", |(state, _)| state);
    if state == T::NAME && E::MOVES.iter().any(|step| target.is(step.target_code)) {
        Known::SameTarget
    } else {
        Known::Elsewhere(event.into_owned())
    }
}

/// The row of a look.
pub(super) fn found<T, E, DB>(row: &DB::Row, known: Known) -> Result<Found<E::Machine>, EntityError>
where
    T: HasState<E::Machine>,
    E: Event,
    DB: Database,
{
    let mut holds = [true; MOST_MOVES];
    for (index, holds) in holds.iter_mut().enumerate().take(E::MOVES.len()) {
        *holds = DB::number(row, GUARDS + index)? == Some(1);
    }
    Ok(Found { state: state::<T, E, DB>(row, 0)?, version: version::<T, DB>(row, 1)?, holds, known })
}

/// The version in a column, if the table has a version.
pub(super) fn version<T: Versioned, DB: Database>(row: &DB::Row, column: usize) -> Result<Option<i64>, EntityError> {
    let Some(described) = T::TABLE.columns.iter().find(|column| column.role == Role::Version) else { return Ok(None) };
    let name = described.name;
    match DB::number(row, column) {
        Ok(Some(version)) => Ok(Some(version)),
        Ok(None) => Err(EntityError::unreadable(&T::TABLE, name, sqlx::error::UnexpectedNullError)),
        Err(error) => Err(EntityError::of_row(&T::TABLE, Some(name), error)),
    }
}

/// The state in a column.
pub(super) fn state<T, E, DB>(row: &DB::Row, column: usize) -> Result<E::Machine, EntityError>
where
    T: HasState<E::Machine>,
    E: Event,
    DB: Database,
{
    let name = T::TABLE.columns[T::COLUMN].name;
    match DB::stored(row, column) {
        Ok(Some(stored)) => stored.state().map_err(|error| EntityError::unreadable(&T::TABLE, name, error)),
        Ok(None) => Err(EntityError::unreadable(&T::TABLE, name, sqlx::error::UnexpectedNullError)),
        Err(error) => Err(EntityError::of_row(&T::TABLE, Some(name), error)),
    }
}
