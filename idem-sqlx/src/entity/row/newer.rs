//! Copying a row whose life is elsewhere, from messages that may come in any order.

use std::cmp::Ordering;

use super::outcome::Write;
use super::read::{self, Written, need};
use crate::entity::error::EntityError;
use crate::entity::facts::stored::{HasVersion, StoredIn};
use crate::entity::session::{Open, Session};
use crate::entity::sql::clauses::{Given, bind_given, bind_guard};
use crate::entity::sql::statements::ApplyNewer;

/// How often a row is asked for that was not older when it was written, and then was.
const ATTEMPTS: usize = 3;

pub(in crate::entity) async fn apply_newer<T, S>(row: &T, session: S) -> Result<Write<T>, EntityError>
where
    S: Session,
    T: HasVersion + StoredIn<S::Database>,
{
    let mut on = session.open(need::<T, S::Database>()).await?;
    for _ in 0..ATTEMPTS {
        if let Some(write) = attempt(&mut on, row).await.transpose() {
            return on.end(write).await;
        }
    }
    Err(EntityError::raced(format!("a newer row of `{}`", T::TABLE.name)))
}

/// `None` if the row was not there, or was newer, and by now is there and older.
async fn attempt<T: HasVersion + StoredIn<O::Database>, O: Open>(
    on: &mut O,
    row: &T,
) -> Result<Option<Write<T>>, EntityError> {
    let address = row.address();
    let arguments = read::values::<O::Database>(|arguments| {
        bind_given(row, Given::Copied, arguments)?;
        T::bind_address(&address, arguments)?;
        bind_guard(row, arguments)
    })?;
    if let Some(new) = read::write(on, ApplyNewer::<T, O::Database>::SQL, arguments, Written::At(&address)).await? {
        return Ok(Some(Write::Applied(new)));
    }
    let Some(found) = read::current::<T, O::Database>(on.connection(), &address).await? else {
        return Ok(Some(Write::NotFound));
    };
    Ok(match found.version().cmp(&row.version()) {
        Ordering::Less => None,
        Ordering::Equal => Some(Write::Unchanged),
        Ordering::Greater => Some(Write::Conflict { expected: row.version(), found }),
    })
}
