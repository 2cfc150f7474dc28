//! The values of statements about one row.

use idem_core::machine::Event;

use super::Firing;
use crate::entity::database::{Arguments, Database};
use crate::entity::error::EntityError;
use crate::entity::facts::stored::Values;
use crate::entity::versioned::Versioned;

impl<T: Versioned, E: Event> Firing<T, E> {
    pub(super) fn addressed<DB: Database>(&self, expected: Option<i64>) -> Result<Arguments<DB>, EntityError>
    where
        T: Values<DB>,
    {
        let mut arguments = Arguments::<DB>::default();
        self.bind::<DB>(&mut arguments, expected)?;
        Ok(arguments)
    }

    pub(super) fn bind<DB: Database>(
        &self,
        arguments: &mut Arguments<DB>,
        expected: Option<i64>,
    ) -> Result<(), EntityError>
    where
        T: Values<DB>,
    {
        T::bind_address(&self.address, arguments).map_err(sqlx::Error::Encode)?;
        if let Some(expected) = expected {
            DB::bind_number(arguments, expected).map_err(sqlx::Error::Encode)?;
        }
        Ok(())
    }
}
