//! The audit row of an event.

use idem_core::machine::{Event, Fencing as _};

use super::{Firing, found};
use crate::entity::database::{Arguments, Database};
use crate::entity::error::EntityError;
use crate::entity::facts::stored::{HasState, Values};
use crate::entity::session::{Open, WriteText};
use crate::entity::sql::columns::parts;
use crate::entity::transition::steps::Guards;

impl<T: HasState<E::Machine>, E: Event> Firing<T, E> {
    /// Writes the audit row: the state that the row was in, where the insert returns it. `None` if there is no such row, or
    /// the key is there already.
    pub(super) async fn record<O: Open>(
        &self,
        on: &mut O,
        sql: &'static str,
        expected: Option<i64>,
    ) -> Result<Option<Option<E::Machine>>, EntityError>
    where
        T: Values<O::Database>,
    {
        let sql = on.text(sql);
        if O::Database::DIALECT.returning {
            let rows = self.record_and_return(on.connection(), sql, expected).await?;
            return rows.first().map(|row| found::state::<T, E, O::Database>(row, 0).map(Some)).transpose();
        }
        if E::Fence::IS_KEY {
            is_guarded::<T, E, O>(on).await?;
        }
        match O::Database::execute(on.connection(), sql, self.recorded::<O::Database>(expected)?).await {
            Ok(0) => Ok(None),
            Ok(_) => Ok(Some(None)),
            Err(error) if O::Database::is_duplicate(&error) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// The insert names the constraint that guards the key, and so finds out whether there is one.
    async fn record_and_return<DB: Database>(
        &self,
        on: &mut DB::Connection,
        sql: WriteText,
        expected: Option<i64>,
    ) -> Result<Vec<DB::Row>, EntityError>
    where
        T: Values<DB>,
    {
        let lacks_guard = |error: &sqlx::Error| E::Fence::IS_KEY && DB::is_without_constraint(error);
        match DB::returning(on, sql.clone(), self.recorded::<DB>(expected)?).await {
            Err(error) if lacks_guard(&error) && DB::looked_again(on).await? => {}
            Err(error) if lacks_guard(&error) => return Err(unguarded::<T, E>()),
            answer => return Ok(answer?),
        }
        let again = DB::returning(on, sql, self.recorded::<DB>(expected)?).await;
        again.map_err(|error| if lacks_guard(&error) { unguarded::<T, E>() } else { error.into() })
    }

    fn recorded<DB: Database>(&self, expected: Option<i64>) -> Result<Arguments<DB>, EntityError>
    where
        T: Values<DB>,
    {
        let mut arguments = Arguments::<DB>::default();
        for text in [self.key.as_deref(), self.actor.as_deref(), self.reason.as_deref()] {
            DB::bind_text(&mut arguments, text).map_err(sqlx::Error::Encode)?;
        }
        self.bind::<DB>(&mut arguments, expected)?;
        Ok(arguments)
    }
}

/// Asks for the constraint that guards the key, where no insert tells that there is none: on a pool until one is found, and in a
/// transaction of the caller's each time, because nobody knows which database that is in.
async fn is_guarded<T: HasState<E::Machine>, E: Event, O: Open>(on: &mut O) -> Result<(), EntityError> {
    let audit = T::TABLE.audit.unwrap_or_default();
    if on.is_known_guarded(audit) {
        return Ok(());
    }
    let (schema, name) = parts(audit);
    let mut arguments = Arguments::<O::Database>::default();
    for text in [schema, Some(name)] {
        O::Database::bind_text(&mut arguments, text).map_err(sqlx::Error::Encode)?;
    }
    let rows = O::Database::fetch(on.connection(), Guards::<T, E, O::Database>::SQL, arguments).await?;
    let guards = rows.first().map(|row| O::Database::number(row, 0)).transpose()?.flatten();
    if guards == Some(0) {
        return Err(unguarded::<T, E>());
    }
    on.learn_guarded(audit);
    Ok(())
}

fn unguarded<T: HasState<E::Machine>, E: Event>() -> EntityError {
    let address = T::TABLE.columns.iter().filter(|column| column.role.is_address());
    let address: Vec<_> = address.map(|column| column.name).collect();
    EntityError::misuse(format!(
        "`{}` is fenced by key, and no unique constraint of `{}` guards that: a late retry would fire it again; add \
         UNIQUE ({}, key)",
        E::NAME,
        T::TABLE.audit.unwrap_or_default(),
        address.join(", ")
    ))
}
