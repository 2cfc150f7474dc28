//! Why a transaction failed, as far as the error of its body tells.

use std::error::Error;

use idem_core::StoreError;
use sqlx::error::DatabaseError;

use super::TransactionDatabase;
use crate::entity::EntityError;
use crate::error::Meaning;

/// An error that tells its causes: any `std::error::Error`, `anyhow::Error`, and `Box<dyn Error + Send + Sync>`.
///
/// `Kind` says which of these it is, and is always inferred.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not tell its causes, so nobody can know whether the transaction must be run again",
    label = "this error does not show its causes",
    note = "implement `std::error::Error` for `{Self}`, and let its `source()` lead to the `sqlx::Error`; `thiserror` does \
            that with `#[from]` or `#[source]`"
)]
pub trait Cause<Kind> {
    /// The error, and with it its chain of sources.
    fn cause(&self) -> &(dyn Error + 'static);
}

/// The [`Cause`] of errors.
#[derive(Debug)]
pub struct ViaError;

/// The [`Cause`] of what is no error but refers to one.
#[derive(Debug)]
pub struct ViaReference;

impl<E: Error + 'static> Cause<ViaError> for E {
    fn cause(&self) -> &(dyn Error + 'static) {
        self
    }
}

impl<E: AsRef<dyn Error + Send + Sync + 'static>> Cause<ViaReference> for E {
    fn cause(&self) -> &(dyn Error + 'static) {
        self.as_ref()
    }
}

/// Whether something in the chain says that the transaction may succeed when it is run again, or that nobody knows what became
/// of it.
pub(super) fn wants_another_run<DB: TransactionDatabase>(error: &(dyn Error + 'static)) -> bool {
    chain(error).any(says_so::<DB>)
}

/// Whether something in the chain says that no other call should be given the session.
pub(super) fn ends_session<DB: TransactionDatabase>(error: &(dyn Error + 'static)) -> bool {
    chain(error).filter_map(of_database).filter_map(meaning::<DB>).any(Meaning::ends_session)
}

fn chain<'e>(error: &'e (dyn Error + 'static)) -> impl Iterator<Item = &'e (dyn Error + 'static)> {
    std::iter::successors(Some(error), |error: &&'e (dyn Error + 'static)| (*error).source())
}

fn says_so<DB: TransactionDatabase>(error: &(dyn Error + 'static)) -> bool {
    if let Some(error) = error.downcast_ref::<sqlx::Error>() {
        return of_sqlx::<DB>(error);
    }
    if let Some(error) = of_database(error) {
        return meaning::<DB>(error).is_some_and(Meaning::is_retryable);
    }
    if let Some(error) = error.downcast_ref::<EntityError>() {
        return error.is_retryable();
    }
    // What the store calls retryable is so inside a transaction too; it is not to be confused with a call in progress.
    let of_idem = error.downcast_ref::<idem_core::Error>().and_then(idem_core::Error::store_error);
    of_idem.or_else(|| error.downcast_ref()).is_some_and(StoreError::is_retryable)
}

/// Whether the same may succeed when it is run again, whichever database it is.
pub(crate) fn is_retryable(error: &sqlx::Error) -> bool {
    let mut is_so = false;
    #[cfg(feature = "postgres")]
    {
        is_so |= of_sqlx::<sqlx::Postgres>(error);
    }
    #[cfg(feature = "mysql")]
    {
        is_so |= of_sqlx::<sqlx::MySql>(error);
    }
    #[cfg(feature = "sqlite")]
    {
        is_so |= of_sqlx::<sqlx::Sqlite>(error);
    }
    is_so
}

/// Whether there was no database to begin on.
pub(super) fn is_away<DB: TransactionDatabase>(error: &sqlx::Error) -> bool {
    use sqlx::Error::{BeginFailed, Database, Io, PoolClosed, PoolTimedOut, Tls, WorkerCrashed};

    match error {
        Database(error) => meaning::<DB>(&**error).is_some_and(Meaning::is_absence),
        Io(_) | Tls(_) | PoolTimedOut | PoolClosed | WorkerCrashed | BeginFailed => true,
        _ => false,
    }
}

/// Whether the session takes no writes any more.
pub(super) fn is_of_reader<DB: TransactionDatabase>(error: &sqlx::Error) -> bool {
    error.as_database_error().and_then(meaning::<DB>) == Some(Meaning::Reader)
}

/// Whether the database did not answer, or said that it does not know.
pub(super) fn is_unanswered<DB: TransactionDatabase>(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Database(error) => meaning::<DB>(&**error).is_some_and(Meaning::is_ambiguous),
        _ => true,
    }
}

/// What is no error of the database's is not run again, but for a connection that is gone: that a row was not found is for the
/// body to judge.
fn of_sqlx<DB: TransactionDatabase>(error: &sqlx::Error) -> bool {
    use sqlx::Error::{BeginFailed, Database, Io, WorkerCrashed};

    match error {
        Database(error) => meaning::<DB>(&**error).is_some_and(Meaning::is_retryable),
        // The connection is gone, and with it the transaction, unless it was at its COMMIT.
        Io(_) | WorkerCrashed | BeginFailed => true,
        _ => false,
    }
}

/// The database's own error, if it is one. An error that is transparent to an `sqlx::Error` shows what is inside that one.
fn of_database<'e>(error: &'e (dyn Error + 'static)) -> Option<&'e dyn DatabaseError> {
    if let Some(error) = error.downcast_ref::<sqlx::Error>() {
        return error.as_database_error();
    }
    error.downcast_ref::<Box<dyn DatabaseError>>().map(|error| &**error)
}

/// What an error means, if it is one of this database.
fn meaning<DB: TransactionDatabase>(error: &dyn DatabaseError) -> Option<Meaning> {
    error.try_downcast_ref::<DB::Error>().map(|_| DB::meaning(error))
}
