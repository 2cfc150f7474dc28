//! What became of a write.

use crate::entity::error::{EntityError, Refusal};
use crate::entity::versioned::Versioned;

/// What became of a write of a row.
///
/// ```
/// use idem_sqlx::entity::Write;
///
/// fn status(write: Write<&str>) -> u16 {
///     match write {
///         Write::Applied(_) | Write::Unchanged => 200,
///         Write::Conflict { .. } => 409,
///         Write::NotFound => 404,
///     }
/// }
///
/// assert_eq!(status(Write::Conflict { expected: Some(3), found: "the row, with version 4" }), 409);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use = "a `Conflict` or `NotFound` means the row was NOT written and the change is lost; match on it, or call `.accepted()?`"]
pub enum Write<T> {
    /// It is written. This is the row as the database has it now.
    Applied(T),
    /// There was nothing to write: the row is as it was, and so is its version.
    Unchanged,
    /// Somebody else has written the row since it was loaded, and nothing was written over that.
    ///
    /// # After an error that left open whether the write took effect
    ///
    /// A write that is repeated then finds its own version in the way. `found.is_unchanged(&draft)` tells that the row has
    /// the values that were to be written, which is all that a `PUT` must know. It does not tell who wrote them: somebody
    /// else may have written the same, and so this is never called `Applied`.
    Conflict {
        /// The version of the row that was to be written; `None` where the table has none, and the state is compared.
        expected: Option<i64>,
        /// The row as it is now.
        found: T,
    },
    /// There is no such row, or it is another tenant's, or it counts as deleted.
    NotFound,
}

impl<T: Versioned> Write<T> {
    /// The row as it is written, or `None` if there was nothing to write: what is left where a conflict is an error.
    ///
    /// # Errors
    ///
    /// Any other outcome: [`is_conflict`](EntityError::is_conflict) or [`is_not_found`](EntityError::is_not_found).
    pub fn accepted(self) -> Result<Option<T>, EntityError> {
        match self {
            Self::Applied(row) => Ok(Some(row)),
            Self::Unchanged => Ok(None),
            Self::Conflict { expected, found } => Err(conflict(expected, &found)),
            Self::NotFound => {
                Err(EntityError::not_applied(Refusal::NotFound, format!("`{}` has no such row", T::TABLE.name)))
            }
        }
    }
}

fn conflict<T: Versioned>(expected: Option<i64>, found: &T) -> EntityError {
    let table = T::TABLE.name;
    let what = match (expected, found.version()) {
        (Some(expected), Some(found)) => format!("the row of `{table}` has version {found}, and not {expected}"),
        _ => format!("the row of `{table}` is in another state"),
    };
    EntityError::not_applied(Refusal::Conflict, what)
}

/// What became of a row that was to be deleted.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use = "a `Conflict` means the row was NOT deleted; match on it, or call `.accepted()?`"]
pub enum Deletion<T> {
    /// It is deleted, or marked as deleted where the table does that.
    Deleted,
    /// Somebody else has written the row since it was loaded, so it was not deleted.
    Conflict {
        /// The version of the row that was to be deleted; `None` where the table has none, and the state is compared.
        expected: Option<i64>,
        /// The row as it is now.
        found: T,
    },
    /// There is no such row, or it is another tenant's, or it is deleted already: a deletion that is repeated ends here.
    NotFound,
}

impl<T: Versioned> Deletion<T> {
    /// Goes on if there is no such row any more, whoever deleted it.
    ///
    /// # Errors
    ///
    /// If there still is, which [`is_conflict`](EntityError::is_conflict).
    pub fn accepted(self) -> Result<(), EntityError> {
        match self {
            Self::Deleted | Self::NotFound => Ok(()),
            Self::Conflict { expected, found } => Err(conflict(expected, &found)),
        }
    }
}

/// What became of a row that was to be inserted once.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use = "`Existing` means that nothing was inserted, and that the row may have other values; match on it"]
pub enum Insertion<T> {
    /// It is inserted. This is the row as the database has it now.
    Inserted(T),
    /// A row was there already, which this is. Whether it says the same is for the caller to compare.
    Existing(T),
}

impl<T> Insertion<T> {
    /// The row, whoever inserted it.
    pub fn into_row(self) -> T {
        match self {
            Self::Inserted(row) | Self::Existing(row) => row,
        }
    }
}
