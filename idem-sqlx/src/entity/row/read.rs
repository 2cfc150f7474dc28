//! Sending the statements of rows, and reading what comes back.

use sqlx::error::UnexpectedNullError;

use crate::entity::database::{Arguments, BindError, Database};
use crate::entity::error::EntityError;
use crate::entity::facts::describe::Role;
use crate::entity::facts::stored::StoredIn;
use crate::entity::session::{Need, Open};
use crate::entity::sql::clauses::{bind_guard, bind_natural};
use crate::entity::sql::statements::{SelectCurrent, SelectInserted, SelectWritten};
use crate::entity::versioned::Versioned;

/// What a write needs that tells the row that it wrote: where writes return nothing, the row is read after it, and nobody
/// may come between the two.
pub(in crate::entity) const fn need<T: Versioned, DB: Database>() -> Need {
    if DB::DIALECT.returning { Need::Told(T::TABLE.name) } else { Need::Transaction }
}

/// The values of a statement.
pub(in crate::entity) fn values<DB: Database>(
    bind: impl FnOnce(&mut Arguments<DB>) -> Result<(), BindError>,
) -> Result<Arguments<DB>, EntityError> {
    let mut arguments = Arguments::<DB>::default();
    bind(&mut arguments).map_err(sqlx::Error::Encode)?;
    Ok(arguments)
}

/// The values of a statement that is guarded by what is known of a row.
pub(in crate::entity) fn guarded_values<T: StoredIn<DB>, DB: Database>(row: &T) -> Result<Arguments<DB>, EntityError> {
    values::<DB>(|arguments| {
        T::bind_address(&row.address(), arguments)?;
        bind_guard(row, arguments)
    })
}

/// The first row of a statement.
pub(in crate::entity) async fn first<T: StoredIn<DB>, DB: Database>(
    connection: &mut DB::Connection,
    sql: &'static str,
    arguments: Arguments<DB>,
) -> Result<Option<T>, EntityError> {
    let rows = DB::fetch(connection, sql, arguments).await?;
    rows.first().map(from_row::<T, DB>).transpose()
}

/// The row of a statement that reads all columns. `SQLite` would read a version that is NULL as 0.
fn from_row<T: StoredIn<DB>, DB: Database>(row: &DB::Row) -> Result<T, EntityError> {
    let version = T::TABLE.columns.iter().position(|column| column.role == Role::Version);
    if let Some(index) = version.filter(|index| matches!(DB::number(row, *index), Ok(None))) {
        return Err(EntityError::unreadable(&T::TABLE, T::TABLE.columns[index].name, UnexpectedNullError));
    }
    T::from_row(row).map_err(|error| EntityError::of_row(&T::TABLE, None, error))
}

/// The first row of a statement that is given an address.
pub(in crate::entity) async fn at<T: StoredIn<DB>, DB: Database>(
    connection: &mut DB::Connection,
    sql: &'static str,
    address: &T::Address,
) -> Result<Option<T>, EntityError> {
    let arguments = values::<DB>(|arguments| T::bind_address(address, arguments))?;
    first(connection, sql, arguments).await
}

/// The row as it is by now, after a write has not found it.
pub(in crate::entity) async fn current<T: StoredIn<DB>, DB: Database>(
    connection: &mut DB::Connection,
    address: &T::Address,
) -> Result<Option<T>, EntityError> {
    at(connection, SelectCurrent::<T, DB>::SQL, address).await
}

/// Which row is read after a write that does not return it.
#[derive(Debug, Clone, Copy)]
pub(in crate::entity) enum Written<'r, T: Versioned> {
    /// The one at this address.
    At(&'r T::Address),
    /// A new one.
    New(&'r T),
}

/// Runs a write of one row, and returns the row as the write and the triggers of its table left it; `None` if the write did not
/// find it.
pub(in crate::entity) async fn write<T: StoredIn<O::Database>, O: Open>(
    on: &mut O,
    sql: &'static str,
    arguments: Arguments<O::Database>,
    written: Written<'_, T>,
) -> Result<Option<T>, EntityError> {
    let sql = on.text(sql);
    if !O::Database::DIALECT.returning {
        if O::Database::execute(on.connection(), sql, arguments).await? == 0 {
            return Ok(None);
        }
        return after::<T, O::Database>(on.connection(), written).await.map(Some);
    }
    let rows = O::Database::returning(on.connection(), sql, arguments).await?;
    let Some(row) = rows.first() else { return Ok(None) };
    let has_triggers = O::Database::number(row, T::TABLE.columns.len())? == Some(1);
    on.learn(T::TABLE.name, has_triggers);
    let returned = from_row::<T, O::Database>(row)?;
    if !has_triggers || on.is_torn() {
        return Ok(Some(returned));
    }
    let row = at(on.connection(), SelectWritten::<T, O::Database>::SQL, &returned.address()).await?;
    Ok(Some(row.unwrap_or(returned)))
}

/// The row that the same transaction has just written.
pub(in crate::entity) async fn after<T: StoredIn<DB>, DB: Database>(
    connection: &mut DB::Connection,
    written: Written<'_, T>,
) -> Result<T, EntityError> {
    let row = match written {
        Written::New(row) if T::TABLE.columns.iter().any(|column| column.role == Role::GeneratedId) => {
            let arguments = values::<DB>(|arguments| bind_natural(row, arguments))?;
            first(connection, SelectInserted::<T, DB>::SQL, arguments).await?
        }
        Written::New(row) => at(connection, SelectWritten::<T, DB>::SQL, &row.address()).await?,
        Written::At(address) => at(connection, SelectWritten::<T, DB>::SQL, address).await?,
    };
    row.ok_or_else(|| match written {
        Written::New(_) => EntityError::misuse(format!(
            "the row was inserted into `{}` and is not where it was inserted; if the database makes its id, mark that \
             `#[versioned(id, generated)]`",
            T::TABLE.name
        )),
        // Only a trigger could have taken it away.
        Written::At(_) => sqlx::Error::RowNotFound.into(),
    })
}
