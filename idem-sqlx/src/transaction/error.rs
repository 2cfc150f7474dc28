//! Why a transaction could not be begun, used or committed.

use std::error::Error;
use std::{fmt, io};

use sqlx::error::{DatabaseError, ErrorKind};

use super::Cause;

/// Why a transaction could not be begun, used or committed.
///
/// [`in_transaction`](crate::in_transaction), and whatever idem writes inside a transaction, return it behind their own error, and
/// [`find`](Self::find) finds it there. What the database refused at the beginning or at the commit, a deferred constraint for
/// one, is the database's own error and not this.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
/// use std::time::Duration;
///
/// use idem_sqlx::{TransactionError, in_transaction};
/// use sqlx::sqlite::SqlitePoolOptions;
///
/// let pool = SqlitePoolOptions::new().acquire_timeout(Duration::ZERO).connect_lazy("sqlite:/no/such/file.db")?;
/// let answer: Result<(), Box<dyn std::error::Error + Send + Sync>> =
///     in_transaction(&pool, async |_tx| Ok(())).await;
///
/// let error = answer.expect_err("no connection");
/// let why = TransactionError::find(&error).expect("it did not begin");
/// assert!(why.is_away() && !why.is_ambiguous());
/// # Ok(()) }
/// ```
#[derive(Debug)]
pub struct TransactionError {
    reason: Reason,
    /// Whether a `COMMIT` was sent whose acknowledgement never came.
    is_ambiguous: bool,
    attempts: u32,
    source: Option<sqlx::Error>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reason {
    /// There was no connection to begin on.
    Away,
    /// The acknowledgement of a `COMMIT` never came.
    Unanswered,
    /// The database refused to begin or to commit.
    Refused,
    /// There was nothing left to commit.
    Ended,
    /// There was nothing left to write into.
    EndedInside,
    /// The body did not give the transaction back.
    Kept,
    /// A body around it is the one writer of the database.
    HoldsWriter,
    /// A body around it has all connections of the pool.
    HoldsPool,
}

impl TransactionError {
    pub(super) fn new(reason: Reason, source: Option<sqlx::Error>) -> Self {
        Self { reason, is_ambiguous: false, attempts: 1, source }
    }

    pub(super) fn after(self, attempts: u32, is_ambiguous: bool) -> Self {
        Self { is_ambiguous, attempts, ..self }
    }

    /// As what it is most like to those who know only errors of sqlx. What the database refused stays what it is, so that it can
    /// be told from others by its code, unless there is more to say.
    pub(super) fn into_sqlx(self) -> sqlx::Error {
        match self {
            Self { reason: Reason::Refused, is_ambiguous: false, source: Some(source), .. } => source,
            Self { reason: Reason::Away | Reason::Unanswered | Reason::Refused, .. } => {
                sqlx::Error::Io(io::Error::other(self))
            }
            error => sqlx::Error::Database(Box::new(error)),
        }
    }

    pub(super) fn is_unanswered(&self) -> bool {
        self.reason == Reason::Unanswered
    }

    /// The one behind an error: any `std::error::Error` whose `source()` leads there, `anyhow::Error`, and
    /// `Box<dyn Error + Send + Sync>`.
    #[must_use]
    pub fn find<E: Cause<Kind>, Kind>(error: &E) -> Option<&Self> {
        let mut next = Some(error.cause());
        while let Some(error) = next {
            if let Some(found) = Self::of(error) {
                return Some(found);
            }
            next = error.source();
        }
        None
    }

    /// Errors that are wrapped by type are not always what their wrapper shows as its source.
    pub(crate) fn of<'e>(error: &'e (dyn Error + 'static)) -> Option<&'e Self> {
        if let Some(sqlx::Error::Database(error)) = error.downcast_ref() {
            return error.try_downcast_ref();
        }
        if let Some(error) = error.downcast_ref::<Box<dyn DatabaseError>>() {
            return error.try_downcast_ref();
        }
        if let Some(error) = error.downcast_ref::<io::Error>() {
            return error.get_ref()?.downcast_ref();
        }
        error.downcast_ref()
    }

    /// Whether the database was away: it could not be reached, or the pool gave no connection in time. Nothing of the last
    /// attempt took effect. It may pass.
    #[must_use]
    pub fn is_away(&self) -> bool {
        self.reason == Reason::Away
    }

    /// Whether the database had ended the transaction before it was to be committed: the body went on after an error of the
    /// database, or ended the transaction itself, for which on MySQL any statement that defines something is enough. It was not
    /// run again, since that would end in the same way.
    ///
    /// What the body wrote before that error is gone. What it wrote after it by statements of its own was refused by PostgreSQL; on
    /// MySQL, MariaDB and SQLite it was written outside of any transaction, and is there. What idem was asked to write after it is
    /// not.
    #[must_use]
    pub fn is_ended(&self) -> bool {
        matches!(self.reason, Reason::Ended | Reason::EndedInside)
    }

    /// Whether a call inside of [`in_transaction`](crate::in_transaction) would wait for the transaction around it: on SQLite for the
    /// only writer of the database, and on every database for a connection of a pool that has no other. It was not sent; pass it
    /// the transaction.
    #[must_use]
    pub fn is_self_wait(&self) -> bool {
        matches!(self.reason, Reason::HoldsWriter | Reason::HoldsPool)
    }

    /// Whether nobody knows if the transaction took effect: in one of the attempts, the acknowledgement of its `COMMIT` never
    /// came. Otherwise it did not.
    #[must_use]
    pub fn is_ambiguous(&self) -> bool {
        self.is_ambiguous
    }

    /// How often it was tried.
    #[must_use]
    pub fn attempts(&self) -> u32 {
        self.attempts
    }
}

impl fmt::Display for TransactionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.reason {
            Reason::Away => "the database could not be reached, or the pool gave no connection in time",
            Reason::Unanswered => "the database did not say whether the transaction was committed",
            Reason::Refused => "the database did not begin or commit the transaction",
            Reason::Ended => {
                "the transaction had ended before its commit: the database rolled it back, or the body ended it; return an error of \
                 the database from the body, and do not go on after it, and let nothing in the body commit or roll back"
            }
            Reason::EndedInside => {
                "the transaction has ended inside the body, and nothing was written here: an error that the body went on \
                 after has rolled it back, or a statement of the body has ended it; return errors of the database from the \
                 body, and end no transaction there"
            }
            Reason::Kept => {
                "the body kept the transaction that it was lent, and nothing was committed; drop it before the body ends"
            }
            Reason::HoldsWriter => {
                "this call would wait for the transaction around it, which holds the only writer of the database; pass the \
                 transaction (`tx = …` or `run_in`), or make the call before or after it"
            }
            Reason::HoldsPool => {
                "this call would wait for the transaction around it, whose pool has no other connection; pass the transaction \
                 (`tx = …` or `run_in`), make the call before or after it, or raise `max_connections`"
            }
        })?;
        if self.attempts > 1 {
            write!(f, ", in {} attempts", self.attempts)?;
        }
        if self.is_ambiguous {
            f.write_str("; one of them may have taken effect, since the acknowledgement of its `COMMIT` never came")?;
        }
        match &self.source {
            Some(source) => write!(f, " ({source})"),
            None => Ok(()),
        }
    }
}

impl Error for TransactionError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source.as_ref().map(|source| source as _)
    }
}

impl DatabaseError for TransactionError {
    fn message(&self) -> &'static str {
        match self.reason {
            Reason::Away => "the database was away",
            Reason::Unanswered => "the commit was not answered",
            Reason::Refused => "the database refused the transaction",
            Reason::Ended => "the transaction had ended before its commit",
            Reason::EndedInside => "the transaction has ended inside the body",
            Reason::Kept => "the body kept the transaction",
            Reason::HoldsWriter => "the transaction around this call holds the only writer of the database",
            Reason::HoldsPool => "the pool of the transaction around this call has no other connection",
        }
    }

    fn as_error(&self) -> &(dyn Error + Send + Sync + 'static) {
        self
    }

    fn as_error_mut(&mut self) -> &mut (dyn Error + Send + Sync + 'static) {
        self
    }

    fn into_error(self: Box<Self>) -> Box<dyn Error + Send + Sync + 'static> {
        self
    }

    fn kind(&self) -> ErrorKind {
        ErrorKind::Other
    }
}
