//! Copying a row whose life is elsewhere, and which may be new here.

use std::cmp::Ordering;

use super::outcome::Write;
use super::read::{self, Written, need};
use crate::entity::database::Database;
use crate::entity::error::{EntityError, Refusal};
use crate::entity::facts::describe::{Role, Table};
use crate::entity::facts::stored::{HasVersion, StoredIn};
use crate::entity::session::{Open, Session};
use crate::entity::sql::clauses::{Given, bind_given, bind_natural};
use crate::entity::sql::statements::SelectNatural;
use crate::entity::sql::upsert::InsertOrApplyNewer;

/// How often a row is asked for that was not older when it was written, and then was.
const ATTEMPTS: usize = 3;

pub(in crate::entity) async fn insert_or_apply_newer<T, S>(row: &T, session: S) -> Result<Write<T>, EntityError>
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

/// `None` if the row was newer, and by now is older.
async fn attempt<T: HasVersion + StoredIn<O::Database>, O: Open>(
    on: &mut O,
    row: &T,
) -> Result<Option<Write<T>>, EntityError> {
    if let Some(new) = write(on, row).await.map_err(|error| explained::<T, O::Database>(error))? {
        return Ok(Some(Write::Applied(new)));
    }
    let Some(found) = found::<T, O::Database>(on.connection(), row).await? else { return Err(refused(&T::TABLE)) };
    Ok(match found.version().cmp(&row.version()) {
        Ordering::Less => None,
        Ordering::Equal => Some(Write::Unchanged),
        Ordering::Greater => Some(Write::Conflict { expected: row.version(), found }),
    })
}

/// `None` if there is a row that is not older.
async fn write<T: StoredIn<O::Database>, O: Open>(on: &mut O, row: &T) -> Result<Option<T>, EntityError> {
    let sql = InsertOrApplyNewer::<T, O::Database>::SQL;
    if O::Database::DIALECT.returning {
        let arguments = read::values::<O::Database>(|arguments| bind_given(row, Given::Whole, arguments))?;
        return read::write(on, sql, arguments, Written::New(row)).await;
    }
    // That it met a row is told by a number that nobody else has, as the ids that the database makes are far from it.
    let met = (1 << 62) | i64::from(rand::random::<u32>());
    let arguments = read::values::<O::Database>(|arguments| {
        bind_given(row, Given::Whole, arguments)?;
        O::Database::bind_number(arguments, met)
    })?;
    let sql = on.text(sql);
    let (rows, mut remembered) = O::Database::write(on.connection(), sql, arguments).await?;
    // Two are a row that was changed. One is a new row, or one that was found and left as it was.
    if rows < 2 {
        if remembered == 0 {
            remembered = O::Database::remembered(on.connection()).await?;
        }
        if rows == 0 || remembered == met {
            return Ok(None);
        }
    }
    read::after::<T, O::Database>(on.connection(), Written::New(row)).await.map(Some)
}

async fn found<T: StoredIn<DB>, DB: Database>(
    connection: &mut DB::Connection,
    row: &T,
) -> Result<Option<T>, EntityError> {
    if T::TABLE.columns.iter().any(|column| column.role == Role::GeneratedId) {
        let arguments = read::values::<DB>(|arguments| bind_natural(row, arguments))?;
        return read::first(connection, SelectNatural::<T, DB>::SQL, arguments).await;
    }
    read::current(connection, &row.address()).await
}

fn refused(table: &Table) -> EntityError {
    EntityError::not_applied(
        Refusal::Conflict,
        format!(
            "`{}` has no such row, and yet refuses a new one: another unique constraint has it, or the row counts as deleted",
            table.name
        ),
    )
}

fn explained<T: StoredIn<DB>, DB: Database>(error: EntityError) -> EntityError {
    if error.is_of_database(DB::is_duplicate) {
        return refused(&T::TABLE);
    }
    if error.is_of_database(DB::is_without_constraint) {
        return EntityError::misuse(format!(
            "`{}` has no unique constraint over exactly the columns that a row is known by, its tenant and its ids: add one",
            T::TABLE.name
        ));
    }
    error
}
