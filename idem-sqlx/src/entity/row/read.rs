//! Sending the statements of rows, and reading what comes back.

use crate::entity::database::{Arguments, BindError, Database};
use crate::entity::error::EntityError;
use crate::entity::facts::stored::StoredIn;
use crate::entity::session::Need;
use crate::entity::sql::clauses::bind_guard;
use crate::entity::sql::statements::{SelectCurrent, SelectWritten};

/// What a write needs that tells the row that it wrote: where writes return nothing, the row is read after it, and nobody
/// may come between the two.
pub(in crate::entity) const fn need<DB: Database>() -> Need {
    if DB::DIALECT.returning { Need::Connection } else { Need::Transaction }
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
    Ok(rows.first().map(T::from_row).transpose()?)
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

/// Runs a write of one row, and returns the row as the write left it; `None` if the write did not find it.
pub(in crate::entity) async fn write<T: StoredIn<DB>, DB: Database>(
    connection: &mut DB::Connection,
    sql: &'static str,
    arguments: Arguments<DB>,
    address: &T::Address,
) -> Result<Option<T>, EntityError> {
    if DB::DIALECT.returning {
        return first(connection, sql, arguments).await;
    }
    if DB::execute(connection, sql, arguments).await? == 0 {
        return Ok(None);
    }
    let row = at(connection, SelectWritten::<T, DB>::SQL, address).await?;
    // Only a trigger could have taken it away.
    row.map(Some).ok_or_else(|| sqlx::Error::RowNotFound.into())
}
