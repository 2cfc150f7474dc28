//! Inserting a row once.

use super::outcome::Insertion;
use super::read::{self, Written, need};
use crate::entity::database::Database;
use crate::entity::error::{EntityError, Refusal};
use crate::entity::facts::describe::Table;
use crate::entity::facts::stored::StoredIn;
use crate::entity::session::{Open, Session};
use crate::entity::sql::clauses::{Given, bind_given, bind_natural};
use crate::entity::sql::statements::{Insert, SelectNatural};

/// How often a row that is in the way, and then is gone, is asked for.
const ATTEMPTS: usize = 2;

pub(in crate::entity) async fn insert_once<T, S>(row: &T, session: S) -> Result<Insertion<T>, EntityError>
where
    S: Session,
    T: StoredIn<S::Database>,
{
    let mut on = session.open(need::<T, S::Database>()).await?;
    for _ in 0..ATTEMPTS {
        if let Some(insertion) = attempt(&mut on, row).await.transpose() {
            return on.end(insertion).await;
        }
    }
    Err(EntityError::not_applied(Refusal::Conflict, refused(&T::TABLE)))
}

fn refused(table: &Table) -> String {
    format!(
        "`{}` has no row with the same `{}`, and yet refuses a new one: another unique constraint has it, or it is a row of \
         another tenant, or one that counts as deleted",
        table.name,
        table.natural.join("`, `")
    )
}

/// Inserts the row, or finds the one in its way; neither if something else is, or was.
async fn attempt<T: StoredIn<O::Database>, O: Open>(on: &mut O, row: &T) -> Result<Option<Insertion<T>>, EntityError> {
    if let Some(row) = insert(on, row).await? {
        return Ok(Some(Insertion::Inserted(row)));
    }
    let arguments = read::values::<O::Database>(|arguments| bind_natural(row, arguments))?;
    let existing = read::first(on.connection(), SelectNatural::<T, O::Database>::SQL, arguments).await?;
    Ok(existing.map(Insertion::Existing))
}

/// `None` if a unique constraint is in the way.
async fn insert<T: StoredIn<O::Database>, O: Open>(on: &mut O, row: &T) -> Result<Option<T>, EntityError> {
    let arguments = read::values::<O::Database>(|arguments| bind_given(row, Given::New, arguments))?;
    match read::write(on, Insert::<T, O::Database>::SQL, arguments, Written::New(row)).await {
        // Where an insert cannot be told to do nothing, its error ends the statement and not the transaction.
        Err(error) if O::Database::DIALECT.or_nothing.is_empty() && error.is_of_database(O::Database::is_duplicate) => {
            Ok(None)
        }
        answer => answer,
    }
}
