//! What an update came to: what it returns, or what is read after it.

use idem_core::machine::{Event, Move};

use super::{Firing, Made, found};
use crate::entity::database::Database;
use crate::entity::error::EntityError;
use crate::entity::facts::stored::{HasState, Values};
use crate::entity::session::Open;
use crate::entity::transition::steps::Written;

/// The column of an update that returns what it wrote which says whether triggers follow.
const TRIGGERS: usize = 2;
/// The one after it, where there is one: the state that the row was in.
const BEFORE: usize = 3;

impl<T: HasState<E::Machine>, E: Event> Firing<T, E> {
    /// Runs an update of the row by a move from a state, or from the one that the update returns. Tells what the update and the
    /// triggers of the table came to; `None` if the row was not there.
    pub(super) async fn update<O: Open>(
        &self,
        on: &mut O,
        sql: &'static str,
        expected: Option<i64>,
        (from, step): (Option<E::Machine>, &Move<E::Machine>),
    ) -> Result<Option<Made<E::Machine>>, EntityError>
    where
        T: Values<O::Database>,
    {
        let arguments = self.addressed::<O::Database>(expected)?;
        let sql = on.text(sql);
        if O::Database::DIALECT.returning {
            let rows = O::Database::returning(on.connection(), sql, arguments).await?;
            let Some(row) = rows.first() else { return Ok(None) };
            let has_triggers = O::Database::number(row, TRIGGERS)? == Some(1);
            on.learn(T::TABLE.name, has_triggers);
            let from = from.map_or_else(|| found::state::<T, E, O::Database>(row, BEFORE), Ok)?;
            let made = made_of::<T, E, O::Database>(row, from)?;
            return if has_triggers { self.settled(on, made).await.map(Some) } else { Ok(Some(made)) };
        }
        let Some(told) = O::Database::update(on.connection(), sql, arguments).await? else { return Ok(None) };
        let made = Made { from: from.unwrap_or(step.sources[0]), to: step.target, version: Some(told) };
        if !super::has_version::<T>() {
            return Ok(Some(Made { version: None, ..made }));
        }
        // A trigger makes the server forget what it was given to remember.
        on.learn(T::TABLE.name, told == 0);
        if told == 0 { self.settled(on, made).await.map(Some) } else { Ok(Some(made)) }
    }

    /// What the triggers of the table have made of it. Where somebody else may have written by now, it is what the update wrote:
    /// at worst the version is not the row's, and its next write a conflict.
    async fn settled<O: Open>(&self, on: &mut O, made: Made<E::Machine>) -> Result<Made<E::Machine>, EntityError>
    where
        T: Values<O::Database>,
    {
        if on.is_torn() {
            return match made.version {
                Some(0) => Ok(Made { version: Some(O::Database::remembered(on.connection()).await?), ..made }),
                _ => Ok(made),
            };
        }
        let arguments = self.addressed::<O::Database>(None)?;
        let rows = O::Database::fetch(on.connection(), Written::<T, E, O::Database>::SQL, arguments).await?;
        match rows.first() {
            Some(row) => made_of::<T, E, O::Database>(row, made.from),
            None => Ok(made),
        }
    }
}

/// The row that an update returned, or that was read after it.
fn made_of<T, E, DB>(row: &DB::Row, from: E::Machine) -> Result<Made<E::Machine>, EntityError>
where
    T: HasState<E::Machine>,
    E: Event,
    DB: Database,
{
    Ok(Made { from, to: found::state::<T, E, DB>(row, 0)?, version: found::version::<T, DB>(row, 1)? })
}
