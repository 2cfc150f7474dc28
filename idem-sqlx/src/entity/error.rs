//! Why a write of an entity has no outcome.

use std::error::Error as StdError;
use std::fmt;

use sqlx::error::{BoxDynError, UnexpectedNullError};

use super::facts::describe::{Role, Table};
use crate::transaction::{Fate, inside, is_retryable};
use crate::{TransactionDatabase, TransactionError};

/// Why a write of an entity has no outcome, or not the one that was asked for.
///
/// A conflict, a row that is not there and a guard that refuses are outcomes, not errors. They become errors by
/// [`Transition::applied`](super::Transition::applied) and its like, so that `?` can be used on them.
pub struct EntityError(Box<Reason>);

enum Reason {
    Database {
        error: sqlx::Error,
        is_retryable: bool,
    },
    /// A row does not fit the struct.
    Unreadable {
        says: String,
        error: sqlx::Error,
    },
    /// Nothing stood against the write, and yet it found no row, time and again.
    Raced {
        what: String,
    },
    /// The caller would not wait for a lock.
    Locked {
        error: sqlx::Error,
    },
    KeyReused {
        key: String,
        event: String,
    },
    NotApplied {
        what: String,
        as_: Refusal,
    },
    Misuse {
        says: String,
        source: Option<BoxDynError>,
    },
}

/// What an outcome was that is an error now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Refusal {
    Already,
    Conflict,
    Rejected,
    NotFound,
}

impl EntityError {
    /// Whether the same may succeed when it is run again: the database gave up, or others were in between. Inside a
    /// transaction that means the whole transaction, which [`in_transaction`](crate::in_transaction) does by itself.
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        match &*self.0 {
            Reason::Database { is_retryable, .. } => *is_retryable,
            Reason::Raced { .. } => true,
            // Who would not wait is told at once, and not run again.
            Reason::Locked { .. }
            | Reason::Unreadable { .. }
            | Reason::KeyReused { .. }
            | Reason::NotApplied { .. }
            | Reason::Misuse { .. } => false,
        }
    }

    /// Whether the row is there and cannot be read: a column holds what its field cannot, as after a newer release has written a
    /// state that this one does not know. The message names the column and says why.
    #[must_use]
    pub fn is_unreadable(&self) -> bool {
        matches!(&*self.0, Reason::Unreadable { .. })
    }

    /// Whether somebody else holds the row, and `nowait` was asked for. On PostgreSQL the transaction has failed with it, as
    /// with every error of a statement.
    #[must_use]
    pub fn is_locked(&self) -> bool {
        matches!(&*self.0, Reason::Locked { .. })
    }

    /// Whether the key of a transition is known already, of one that led elsewhere: the caller gave two of them one key.
    #[must_use]
    pub fn is_key_reused(&self) -> bool {
        matches!(&*self.0, Reason::KeyReused { .. })
    }

    /// Whether an outcome was a conflict: the row was not as the write expected it.
    #[must_use]
    pub fn is_conflict(&self) -> bool {
        self.is_refusal(Refusal::Conflict)
    }

    /// Whether a guard refused.
    #[must_use]
    pub fn is_rejected(&self) -> bool {
        self.is_refusal(Refusal::Rejected)
    }

    /// Whether there is no such row.
    #[must_use]
    pub fn is_not_found(&self) -> bool {
        self.is_refusal(Refusal::NotFound)
    }

    /// Whether it was applied before, where only the one who applies it may go on.
    #[must_use]
    pub fn is_already_applied(&self) -> bool {
        self.is_refusal(Refusal::Already)
    }

    fn is_refusal(&self, refusal: Refusal) -> bool {
        matches!(&*self.0, Reason::NotApplied { as_, .. } if *as_ == refusal)
    }

    /// The same, but for an error of the database that means that a row is locked.
    pub(super) fn locked_if(self, is_locked: impl FnOnce(&sqlx::Error) -> bool) -> Self {
        Self(match *self.0 {
            Reason::Database { error, .. } if is_locked(&error) => Box::new(Reason::Locked { error }),
            other => Box::new(other),
        })
    }

    /// What becomes of the session.
    pub(super) fn fate<DB: TransactionDatabase>(&self) -> Fate {
        match &*self.0 {
            Reason::Database { error, .. } => Fate::after::<DB>(error),
            _ => Fate::GoesOn,
        }
    }

    /// Whether it is an error of the database that is such.
    pub(super) fn is_of_database(&self, is_such: impl FnOnce(&sqlx::Error) -> bool) -> bool {
        matches!(&*self.0, Reason::Database { error, .. } if is_such(error))
    }

    /// What stands in a row's way to the struct: in the column that `error` names, unless it is known already.
    pub(super) fn of_row(table: &Table, column: Option<&str>, error: sqlx::Error) -> Self {
        match (error, column) {
            (sqlx::Error::ColumnDecode { source, .. }, Some(column)) => Self::unreadable(table, column, source),
            // sqlx writes a name in quotes.
            (sqlx::Error::ColumnDecode { index, source }, None) => {
                Self::unreadable(table, index.trim_matches('"'), source)
            }
            (error @ sqlx::Error::ColumnNotFound(_), _) => {
                let says = format!("the row of `{}` does not fit its struct: {error}", table.name);
                Self(Box::new(Reason::Unreadable { says, error }))
            }
            (error, _) => error.into(),
        }
    }

    /// A column holds what its field cannot.
    pub(super) fn unreadable(table: &Table, column: &str, why: impl Into<BoxDynError>) -> Self {
        let why = why.into();
        let told = if why.is::<UnexpectedNullError>() { null(table, column).to_owned() } else { why.to_string() };
        let says = format!("`{}.{column}` cannot be read: {told}", table.name);
        let error = sqlx::Error::ColumnDecode { index: column.to_owned(), source: why };
        Self(Box::new(Reason::Unreadable { says, error }))
    }

    pub(super) fn raced(what: impl Into<String>) -> Self {
        Self(Box::new(Reason::Raced { what: what.into() }))
    }

    pub(super) fn key_reused(key: impl Into<String>, event: impl Into<String>) -> Self {
        Self(Box::new(Reason::KeyReused { key: key.into(), event: event.into() }))
    }

    /// An outcome that the caller cannot go on with.
    pub(super) fn not_applied(as_: Refusal, what: impl Into<String>) -> Self {
        Self(Box::new(Reason::NotApplied { what: what.into(), as_ }))
    }

    /// The call is wrong, whatever the database holds.
    pub(super) fn misuse(says: impl Into<String>) -> Self {
        Self(Box::new(Reason::Misuse { says: says.into(), source: None }))
    }

    pub(super) fn misuse_because(says: impl Into<String>, source: impl Into<BoxDynError>) -> Self {
        Self(Box::new(Reason::Misuse { says: says.into(), source: Some(source.into()) }))
    }
}

/// What the database answered, or what a value could not be bound or read for.
impl From<sqlx::Error> for EntityError {
    fn from(error: sqlx::Error) -> Self {
        let error = inside::explained(error);
        if let Some(of_ours) = TransactionError::of(&error) {
            return Self::misuse_because(of_ours.to_string(), error);
        }
        let is_retryable = is_retryable(&error);
        Self(Box::new(Reason::Database { error, is_retryable }))
    }
}

/// What to do about a NULL.
fn null(table: &Table, column: &str) -> &'static str {
    let role = table.columns.iter().find(|described| described.name == column).map(|described| described.role);
    match role {
        Some(Role::Version) => "it is NULL; give each row a number, and make the column NOT NULL",
        Some(Role::State(_)) => "it is NULL; give each row a state, and make the column NOT NULL",
        _ => "it is NULL, and its field is not an `Option`",
    }
}

impl fmt::Display for EntityError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &*self.0 {
            Reason::Database { is_retryable: true, .. } => {
                f.write_str("the database gave the statement up; run it again")
            }
            Reason::Database { error: sqlx::Error::Encode(_), .. } => f.write_str("a value cannot be stored"),
            Reason::Database { error: sqlx::Error::Database(_), .. } => {
                f.write_str("the database refused the statement")
            }
            Reason::Database { .. } => f.write_str("the database was not reached, or its answer not understood"),
            Reason::Raced { what } => {
                write!(f, "{what} raced with others, and nothing stands against it now; run it again")
            }
            Reason::Locked { error } => write!(f, "somebody else has locked the row ({error})"),
            Reason::KeyReused { key, event } => {
                write!(f, "the key {key} is that of `{event}` already, which led elsewhere; two events need two keys")
            }
            Reason::Unreadable { says: what, .. }
            | Reason::NotApplied { what, .. }
            | Reason::Misuse { says: what, .. } => f.write_str(what),
        }
    }
}

/// Keys may carry personal data, so they are not shown here.
impl fmt::Debug for EntityError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &*self.0 {
            Reason::Database { error, is_retryable } => {
                f.debug_struct("Database").field("error", error).field("is_retryable", is_retryable).finish()
            }
            Reason::Unreadable { says, .. } => f.debug_tuple("Unreadable").field(says).finish(),
            Reason::Raced { what } => f.debug_tuple("Raced").field(what).finish(),
            Reason::Locked { error } => f.debug_struct("Locked").field("error", error).finish(),
            Reason::KeyReused { event, .. } => {
                f.debug_struct("KeyReused").field("event", event).finish_non_exhaustive()
            }
            Reason::NotApplied { what, as_ } => f.debug_tuple("NotApplied").field(as_).field(what).finish(),
            Reason::Misuse { says, source } => f.debug_tuple("Misuse").field(says).field(source).finish(),
        }
    }
}

impl StdError for EntityError {
    /// That a lock was not waited for is shown, but is no cause: its code means a time-out on some databases, after which
    /// [`in_transaction`](crate::in_transaction) would run the transaction again.
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        match &*self.0 {
            Reason::Database { error, .. } | Reason::Unreadable { error, .. } => Some(error),
            Reason::Misuse { source: Some(source), .. } => Some(&**source),
            _ => None,
        }
    }
}
