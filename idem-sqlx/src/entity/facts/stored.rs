//! What else the derive writes of an entity: how it is bound, and what it has.

use idem_core::machine::StateMachine;
use sqlx::FromRow;

use crate::entity::database::{Arguments, BindError, Database};
use crate::entity::versioned::Versioned;

/// The address of a row that belongs to a tenant: the tenant and the id.
///
/// The tenant is in every `WHERE`, so another tenant's row is not found, whatever its id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct InTenant<Tenant, Id>(pub Tenant, pub Id);

/// How the values of an entity are given to a statement.
pub trait Values<DB: Database>: Versioned {
    /// Binds the columns of an address: the tenant, then the ids.
    ///
    /// # Errors
    ///
    /// If a value cannot be encoded.
    fn bind_address(address: &Self::Address, arguments: &mut Arguments<DB>) -> Result<(), BindError>;

    /// Binds a column, by its place in [`Table::columns`](crate::entity::Table::columns).
    ///
    /// # Errors
    ///
    /// If the value cannot be encoded.
    fn bind(&self, column: usize, arguments: &mut Arguments<DB>) -> Result<(), BindError>;
}

/// An entity that the database `DB` can hold.
#[diagnostic::on_unimplemented(
    message = "rows of `{Self}` cannot be read or written in this database",
    note = "derive `sqlx::FromRow` for it; each of its fields must be a type that sqlx knows of that database"
)]
pub trait StoredIn<DB: Database>: Values<DB> + for<'r> FromRow<'r, DB::Row> {}

impl<DB: Database, T: Values<DB> + for<'r> FromRow<'r, DB::Row>> StoredIn<DB> for T {}

/// An entity with a column that holds a state of the machine `M`.
#[diagnostic::on_unimplemented(
    message = "`{M}` is not the state of `{Self}`",
    label = "an event of another machine",
    note = "the state of an entity is its field with `#[versioned(state)]`"
)]
pub trait HasState<M: StateMachine>: Versioned {
    /// The place of the column in [`Table::columns`](crate::entity::Table::columns).
    const COLUMN: usize;
    /// What tells this state from others of the entity, where it has several: `payment`. Else empty.
    const NAME: &'static str;

    /// The state of this row.
    fn state(&self) -> M;
}

/// An entity with a version.
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no version",
    label = "needs a version column",
    note = "mark a field of it `#[versioned(version)]`"
)]
pub trait HasVersion: Versioned {}
