//! Loading rows, and writing them where nobody else has.

use super::outcome::Write;
use super::read::{self, Written, need};
use crate::entity::error::EntityError;
use crate::entity::facts::stored::StoredIn;
use crate::entity::session::{Need, Open, Session};
use crate::entity::sql::clauses::{Given, bind_given, bind_guard};
use crate::entity::sql::statements::{Select, Update};

pub(in crate::entity) async fn load<T, S>(address: T::Address, session: S) -> Result<Option<T>, EntityError>
where
    S: Session,
    T: StoredIn<S::Database>,
{
    let mut on = session.open(Need::Reading).await?;
    let row = read::at(on.connection(), Select::<T, S::Database>::SQL, &address).await;
    on.end(row).await
}

pub(in crate::entity) async fn update_to<T, S>(row: &T, draft: &T, session: S) -> Result<Write<T>, EntityError>
where
    S: Session,
    T: StoredIn<S::Database>,
{
    if !is_changed(row, draft)? {
        return Ok(Write::Unchanged);
    }
    let mut on = session.open(need::<T, S::Database>()).await?;
    let write = update(&mut on, row, draft).await;
    on.end(write).await
}

/// All that is wrong with any of the pairs is found before anything is sent.
pub(in crate::entity) async fn update_many<T, S>(pairs: &[(T, T)], session: S) -> Result<Vec<Write<T>>, EntityError>
where
    S: Session,
    T: StoredIn<S::Database>,
    T::Address: Ord,
{
    let mut changed = Vec::new();
    for (place, (row, draft)) in pairs.iter().enumerate() {
        if is_changed(row, draft)? {
            changed.push((row.address(), place));
        }
    }
    let mut writes = vec![Write::Unchanged; pairs.len()];
    if changed.is_empty() {
        return Ok(writes);
    }
    // Whoever writes the same rows locks them in the same order. What is given twice keeps its order too.
    changed.sort();
    let mut on = session.open(Need::Transaction).await?;
    for (_, place) in changed {
        let (row, draft) = &pairs[place];
        match update(&mut on, row, draft).await {
            Ok(write) => writes[place] = write,
            failed @ Err(_) => return on.end(failed.map(|_| Vec::new())).await,
        }
    }
    on.finish().await?;
    Ok(writes)
}

/// Whether there is anything to write; an error if it is something that an update does not write.
fn is_changed<T: crate::entity::Versioned>(row: &T, draft: &T) -> Result<bool, EntityError> {
    match row.fixed_difference(draft) {
        Some(field) => Err(EntityError::misuse(format!(
            "`{field}` of the draft differs, which no update of `{}` writes: it is part of the address, a state, the version, \
             or read-only",
            T::TABLE.name
        ))),
        None => Ok(!row.is_unchanged(draft)),
    }
}

async fn update<T: StoredIn<O::Database>, O: Open>(on: &mut O, row: &T, draft: &T) -> Result<Write<T>, EntityError> {
    let address = row.address();
    let arguments = read::values::<O::Database>(|arguments| {
        bind_given(draft, Given::Data, arguments)?;
        T::bind_address(&address, arguments)?;
        bind_guard(row, arguments)
    })?;
    if let Some(new) = read::write(on, Update::<T, O::Database>::SQL, arguments, Written::At(&address)).await? {
        return Ok(Write::Applied(new));
    }
    // The same statement cannot tell why it found nothing: on PostgreSQL it does not see what it waited for.
    Ok(match read::current(on.connection(), &address).await? {
        Some(found) => Write::Conflict { expected: row.version(), found },
        None => Write::NotFound,
    })
}
