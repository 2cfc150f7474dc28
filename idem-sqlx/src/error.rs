//! What an error of sqlx means to the caller of a store, and to whoever has the connection next.
//!
//! The database's own errors are told apart by their code, and not by their text, which has a language and a version. The one
//! exception is a text that idem itself put into the statement. Each database has one table of codes, in its `error.rs`;
//! everything else follows from the [`Meaning`] there.

use std::error::Error as _;

use idem_core::StoreError;
use sqlx::error::DatabaseError;

use crate::transaction::{TransactionError, inside};

/// What an error code of a database means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(
    not(all(feature = "postgres", feature = "mysql", feature = "sqlite")),
    allow(dead_code, reason = "no database has a code for each of these")
)]
pub enum Meaning {
    /// The session has ended, or nobody knows how far the statement got.
    Lost,
    /// The database gave it up in favour of a transaction in its way: nothing of it was done, and it can be run again.
    Conflict,
    /// Somebody else held a lock for longer than the statement would wait. Nothing was done.
    Locked,
    /// The statement was cancelled before it was done: a time limit of the session, or a person. Nothing was done.
    Cancelled,
    /// The server takes no sessions or no statements at the moment. Nothing was done.
    Away,
    /// The server takes no writes: it was the primary until a failover, or somebody has made it read-only. A session
    /// stays on it until it is closed.
    Reader,
    /// There is no room; this says of what. Nothing was done.
    Full(&'static str),
    /// A prepared statement does not fit the table any more, or is gone from the session. Nothing was done.
    Stale,
    /// A pooler hands statements that were prepared in one session to another session. Nothing was done.
    Mixed,
    /// The table, or its schema, is missing.
    MissingTable,
    /// The database cannot hold the value, or be sent it; this says what to change.
    CannotHold(&'static str),
    /// The database will not, until somebody mends it; this says what to mend.
    Refused(&'static str),
    /// The database's own files are damaged.
    Damaged,
}

impl Meaning {
    /// Whether no other call should be given the session.
    pub(crate) fn ends_session(self) -> bool {
        matches!(self, Self::Lost | Self::Away | Self::Reader | Self::Damaged)
    }

    /// Whether the same may succeed when it is run again, in a transaction the whole of it.
    pub(crate) fn is_retryable(self) -> bool {
        match self {
            Self::Lost
            | Self::Conflict
            | Self::Locked
            | Self::Cancelled
            | Self::Away
            | Self::Reader
            | Self::Full(_)
            | Self::Stale
            | Self::Mixed => true,
            Self::MissingTable | Self::CannotHold(_) | Self::Refused(_) | Self::Damaged => false,
        }
    }

    /// Whether nobody knows if what was sent took effect.
    pub(crate) fn is_ambiguous(self) -> bool {
        self == Self::Lost
    }

    /// Whether there is no database to write to at the moment.
    pub(crate) fn is_absence(self) -> bool {
        matches!(self, Self::Lost | Self::Away | Self::Reader | Self::Locked)
    }

    fn error(self, code: &str, error: sqlx::Error) -> StoreError {
        let says = |what: &str| format!("{what} ({code})");
        let not_now = |what: &str, error: sqlx::Error| StoreError::not_now(says(what), Some(error.into()));
        match self {
            Self::Lost => StoreError::unavailable(error),
            Self::Conflict => not_now("the statement gave way to another transaction each time; try again", error),
            Self::Locked => not_now(
                "another transaction holds a lock that the statement needs; try again. If the call is inside a transaction, pass it \
                 that transaction (`tx`), and on SQLite begin that with `BEGIN IMMEDIATE`, as `in_transaction` does",
                error,
            ),
            Self::Cancelled => not_now(
                "the statement was cancelled, by a time limit of the session or by a person; raise the limit if it lasts",
                error,
            ),
            Self::Away => not_now("the server takes no statements at the moment; try again", error),
            Self::Reader => {
                not_now("the database is read-only here; try again, and connect to the primary if it lasts", error)
            }
            Self::Full(what) => not_now(what, error),
            Self::Stale => not_now("the table has changed since the statement was prepared; try again", error),
            Self::Mixed => not_now(
                "a pooler stands between that mixes up prepared statements; set `statement_cache_capacity(0)`",
                error,
            ),
            Self::MissingTable => {
                StoreError::refused(says("the table is missing; call `migrate()`"), Some(error.into()))
            }
            Self::CannotHold(what) | Self::Refused(what) => StoreError::refused(says(what), Some(error.into())),
            Self::Damaged => StoreError::corrupt(says(&error.to_string())),
        }
    }
}

/// The error of a store; `meaning` reads the codes of the database.
pub(crate) fn store_error(error: sqlx::Error, meaning: impl Fn(&dyn DatabaseError) -> Meaning) -> StoreError {
    use sqlx::Error::{
        BeginFailed, ColumnDecode, ColumnIndexOutOfBounds, ColumnNotFound, Database, Decode, Io, PoolClosed,
        PoolTimedOut, Protocol, RowNotFound, Tls, WorkerCrashed,
    };

    let error = inside::explained(error);
    if let Some(of_ours) = TransactionError::of(&error) {
        return StoreError::refused(of_ours.to_string(), Some(error.into()));
    }
    match &error {
        Database(database) => meaning(&**database).error(&code_of(&**database), error),
        PoolTimedOut => StoreError::not_now(
            "the pool gave no connection in time: all are in use, or the server cannot be reached. If the call is inside a \
             transaction, pass it that transaction (`tx`); else raise `max_connections` if it lasts",
            Some(error.into()),
        ),
        PoolClosed => StoreError::not_now("the pool of the store has been closed", Some(error.into())),
        // A message that does not fit what was asked, or no row where there always is one, comes with a session that is
        // in a state that nobody knows.
        Io(_) | Tls(_) | WorkerCrashed | BeginFailed | Protocol(_) | RowNotFound => StoreError::unavailable(error),
        ColumnDecode { .. } | ColumnIndexOutOfBounds { .. } | ColumnNotFound(_) | Decode(_) => {
            StoreError::corrupt(error.to_string())
        }
        _ => StoreError::refused("the database driver cannot do this", Some(error.into())),
    }
}

/// Why there is no connection. Nothing can have taken effect, whatever went wrong.
pub(crate) fn connection_error(error: sqlx::Error, meaning: impl Fn(&dyn DatabaseError) -> Meaning) -> StoreError {
    let error = store_error(error, meaning);
    if !error.is_ambiguous() {
        return error;
    }
    let cause = error.source().map(ToString::to_string).unwrap_or_default();
    StoreError::not_now("the database cannot be reached; try again", Some(cause.into()))
}

/// What the error means, if it is the database's own, or if the connection is lost.
pub(crate) fn meaning_of(error: &sqlx::Error, meaning: impl Fn(&dyn DatabaseError) -> Meaning) -> Option<Meaning> {
    use sqlx::Error::{BeginFailed, Database, Io, Protocol, RowNotFound, Tls, WorkerCrashed};

    match error {
        Database(error) => Some(meaning(&**error)),
        Io(_) | Tls(_) | WorkerCrashed | BeginFailed | Protocol(_) | RowNotFound => Some(Meaning::Lost),
        _ => None,
    }
}

/// The code as people look it up.
fn code_of(error: &dyn DatabaseError) -> String {
    #[cfg(feature = "mysql")]
    if let Some(error) = error.try_downcast_ref::<sqlx::mysql::MySqlDatabaseError>() {
        return format!("error {}", error.number());
    }
    error.code().map_or_else(|| "no code".to_owned(), |code| format!("code {code}"))
}

#[cfg(test)]
mod tests {
    use super::Meaning;

    #[test]
    fn a_code_is_retryable_for_a_store_exactly_if_it_is_for_a_transaction_and_an_entity() {
        for meaning in [
            Meaning::Lost,
            Meaning::Conflict,
            Meaning::Locked,
            Meaning::Cancelled,
            Meaning::Away,
            Meaning::Reader,
            Meaning::Full("full"),
            Meaning::Stale,
            Meaning::Mixed,
            Meaning::MissingTable,
            Meaning::CannotHold("too long"),
            Meaning::Refused("refused"),
            Meaning::Damaged,
        ] {
            let error = meaning.error("a code", sqlx::Error::RowNotFound);
            assert_eq!(error.is_retryable(), meaning.is_retryable(), "{meaning:?}");
            assert_eq!(error.is_ambiguous(), meaning.is_ambiguous(), "{meaning:?}");
        }
    }
}
