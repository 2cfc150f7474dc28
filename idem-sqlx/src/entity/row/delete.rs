//! Deleting a row that nobody else has written.

use super::outcome::Deletion;
use super::read;
use crate::entity::Database as _;
use crate::entity::error::EntityError;
use crate::entity::facts::stored::StoredIn;
use crate::entity::session::{Need, Open as _, Session};
use crate::entity::sql::statements::Delete;

pub(in crate::entity) async fn delete<T, S>(row: &T, session: S) -> Result<Deletion<T>, EntityError>
where
    S: Session,
    T: StoredIn<S::Database>,
{
    let arguments = read::guarded_values::<T, S::Database>(row)?;
    let mut on = session.open(Need::Connection).await?;
    let deleted = S::Database::execute(on.connection(), Delete::<T, S::Database>::SQL, arguments).await?;
    let deletion = if deleted > 0 {
        Deletion::Deleted
    } else {
        match read::current(on.connection(), &row.address()).await? {
            Some(found) => Deletion::Conflict { expected: row.version(), found },
            None => Deletion::NotFound,
        }
    };
    on.finish().await?;
    Ok(deletion)
}
