//! What an error of sqlx means to the caller of a store.
//!
//! The database's own errors are told apart by their code, never by their text, which has a language and a version.

use idem_core::StoreError;
use sqlx::error::DatabaseError;

/// What an error code of a database means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Meaning {
    /// The database did not get to it, or its answer was lost.
    Unavailable,
    /// The database gave it up in favour of a transaction in its way: nothing of it was done, and it can be run again.
    Conflict,
    /// The database will not, until somebody mends it; this says what to mend.
    Refused(&'static str),
    /// The database's own files are damaged.
    Damaged,
}

/// The error of a store; `meaning` reads the codes of the database.
pub(crate) fn store_error(error: sqlx::Error, meaning: impl Fn(&dyn DatabaseError) -> Meaning) -> StoreError {
    use sqlx::Error::{
        BeginFailed, ColumnDecode, ColumnIndexOutOfBounds, ColumnNotFound, Database, Decode, Io, PoolClosed,
        PoolTimedOut, Tls, WorkerCrashed,
    };

    match &error {
        Database(database) => match meaning(&**database) {
            Meaning::Unavailable | Meaning::Conflict => StoreError::unavailable(error),
            Meaning::Refused(what) => StoreError::refused(what, Some(error.into())),
            Meaning::Damaged => StoreError::corrupt(error.to_string()),
        },
        Io(_) | Tls(_) | PoolTimedOut | PoolClosed | WorkerCrashed | BeginFailed => StoreError::unavailable(error),
        ColumnDecode { .. } | ColumnIndexOutOfBounds { .. } | ColumnNotFound(_) | Decode(_) => {
            StoreError::corrupt(error.to_string())
        }
        _ => StoreError::refused("the database driver cannot do this", Some(error.into())),
    }
}

/// What the database's own code means, if the error has one.
pub(crate) fn meaning_of(error: &sqlx::Error, meaning: impl Fn(&dyn DatabaseError) -> Meaning) -> Option<Meaning> {
    error.as_database_error().map(meaning)
}
