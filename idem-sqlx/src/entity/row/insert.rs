//! Inserting a row once.

use super::outcome::Insertion;
use super::read::{self, Written, need};
use crate::entity::database::{Arguments, Database};
use crate::entity::error::{EntityError, Refusal};
use crate::entity::facts::describe::Table;
use crate::entity::facts::stored::StoredIn;
use crate::entity::session::{Open, Session};
use crate::entity::sql::clauses::{Given, bind_given, bind_natural};
use crate::entity::sql::columns::parts;
use crate::entity::sql::dialect::Catalog;
use crate::entity::sql::statements::{Insert, SelectNatural};
use crate::entity::sql::unique::UniqueConstraints;
use crate::entity::sql::wanted::Wanted;

/// How often a row that is in the way, and then is gone, is asked for.
const ATTEMPTS: usize = 2;

pub(in crate::entity) async fn insert_once<T, S>(row: &T, session: S) -> Result<Insertion<T>, EntityError>
where
    S: Session,
    T: StoredIn<S::Database>,
{
    let mut on = session.open(need::<T, S::Database>()).await?;
    if let Err(error) = is_unique::<T, _>(&mut on).await {
        return on.end(Err(error)).await;
    }
    for _ in 0..ATTEMPTS {
        if let Some(insertion) = attempt(&mut on, row).await.transpose() {
            return on.end(insertion).await;
        }
    }
    Err(EntityError::not_applied(Refusal::Conflict, refused(&T::TABLE)))
}

/// Asks for the constraint by which a row is known: on a pool until one is found, and in the transactions of callers until one is
/// found in any of them. Without it each call inserts another row, and nobody is told.
async fn is_unique<T: StoredIn<O::Database>, O: Open>(on: &mut O) -> Result<(), EntityError> {
    let table = &T::TABLE;
    if on.is_known_unique(table.name) {
        return Ok(());
    }
    let mut arguments = Arguments::<O::Database>::default();
    if O::Database::DIALECT.catalog == Catalog::InformationSchema {
        let (schema, name) = parts(table.name);
        for text in [schema, Some(name), schema, Some(name)] {
            O::Database::bind_text(&mut arguments, text).map_err(sqlx::Error::Encode)?;
        }
    }
    let rows = O::Database::fetch(on.connection(), UniqueConstraints::<T, O::Database>::SQL, arguments).await?;
    let constraints = rows.first().map(|row| O::Database::number(row, 0)).transpose()?.flatten();
    if constraints == Some(0) {
        let columns = (0..table.columns.len()).filter(|index| Wanted::Natural.has(table, *index));
        let columns: Vec<_> = columns.map(|index| table.columns[index].name).collect();
        return Err(EntityError::misuse(format!(
            "`insert_once` knows a row of `{}` by `{}`, and no unique constraint is over these: each call would insert \
             another row; add UNIQUE ({})",
            table.name,
            columns.join("`, `"),
            columns.join(", ")
        )));
    }
    on.learn_unique(table.name);
    Ok(())
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
