//! Deleting a row that nobody else has written.

use super::outcome::Deletion;
use super::read;
use crate::entity::error::EntityError;
use crate::entity::facts::stored::StoredIn;
use crate::entity::session::{Need, Open, Session};
use crate::entity::sql::statements::Delete;
use crate::entity::{Arguments, Database as _};

pub(in crate::entity) async fn delete<T, S>(row: &T, session: S) -> Result<Deletion<T>, EntityError>
where
    S: Session,
    T: StoredIn<S::Database>,
{
    let arguments = read::guarded_values::<T, S::Database>(row)?;
    let mut on = session.open(Need::Connection).await?;
    let deletion = delete_on(&mut on, row, arguments).await;
    on.end(deletion).await
}

async fn delete_on<T: StoredIn<O::Database>, O: Open>(
    on: &mut O,
    row: &T,
    arguments: Arguments<O::Database>,
) -> Result<Deletion<T>, EntityError> {
    let sql = on.text(Delete::<T, O::Database>::SQL);
    if O::Database::execute(on.connection(), sql, arguments).await? > 0 {
        return Ok(Deletion::Deleted);
    }
    Ok(match read::current(on.connection(), &row.address()).await? {
        Some(found) => Deletion::Conflict { expected: row.version(), found },
        None => Deletion::NotFound,
    })
}
