//! What one database does its own way.

use std::path::PathBuf;
use std::sync::Once;
use std::time::Duration;

use idem_core::{ClaimDecision, ClaimRequest, Fence, Key, StoreError};
use sqlx::Database;
use sqlx::database::HasStatementCache;
use sqlx::error::DatabaseError;

use crate::TransactionDatabase;
use crate::error::Meaning;
use crate::joined;
use crate::records::Records;
use crate::row::{Found, Listed};
use crate::statement::{Statement, Value};
use crate::statements::{Statements, Syntax};
use crate::table::Table;

/// The connection of a backend.
pub(crate) type Connection<B> = <<B as Backend>::Database as Database>::Connection;

/// A database, and how statements are run there. Each method but the last two is one statement on one connection.
pub(crate) trait Backend: Sized + Send + Sync + 'static {
    type Database: TransactionDatabase + HasStatementCache;

    const SYNTAX: Syntax;
    /// Whether [`ask`](Self::ask) claims a key that has no record.
    const CLAIMS_WHEN_ASKED: bool = false;
    /// Whether there is one writer at a time, for whom all others would have to sleep and try again.
    const ONE_WRITER: bool = false;
    /// Whether an `UPDATE` may count only the rows that it changed, so that one that wrote the same again counts none.
    const COUNTS_CHANGES: bool = false;
    /// Whether [`extend_all`](Self::extend_all) is given its claims as hexadecimal digits.
    const CLAIMS_AS_HEX: bool = false;
    /// A text that all scopes and keys come after. None begins with a control character; an empty text is null under some modes
    /// of MariaDB.
    const BEFORE_ALL: &'static str = "\u{1}";
    /// Where the plain SQL of its migrations is.
    const MIGRATIONS: &'static str;

    /// What an error code means.
    fn meaning(error: &dyn DatabaseError) -> Meaning;

    /// Whether a statement of the store's own was refused because somebody left a transaction open on the connection.
    fn is_in_a_transaction(error: &sqlx::Error) -> bool {
        let _ = error;
        false
    }

    /// Whether a write into a transaction of the caller's would find it open, as far as that must be asked before: on some
    /// databases the statements of [`Within::Caller`] fail by themselves where it is not.
    fn is_open_for_write(on: &mut Connection<Self>) -> impl Future<Output = Result<bool, sqlx::Error>> + Send {
        let _ = on;
        async { Ok(true) }
    }

    /// Whether a table is missing, if an error may say so.
    fn table_is_missing(
        on: &mut Connection<Self>,
        table: &Table,
        error: &sqlx::Error,
    ) -> impl Future<Output = bool> + Send;

    /// The statements. Those in transactions of their own wait no longer for others than the store would.
    fn statements(&self, within: Within) -> &Statements;

    /// Renews the claims of `values::extended`, but for those whose records are locked.
    fn extend_all(&self) -> &Statement;

    /// Whether another connection with these options is one to the same database.
    fn is_shared(options: &<Connection<Self> as sqlx::Connection>::Options) -> bool {
        let _ = options;
        true
    }

    /// The database behind these options, if it has one writer at a time and others see it.
    fn only_writer(options: &<Connection<Self> as sqlx::Connection>::Options) -> Option<PathBuf> {
        let _ = options;
        None
    }

    /// Refuses an outcome of so many bytes, if the server would not take it in one statement.
    fn check_size(&self, on: &mut Connection<Self>, bytes: usize) -> impl Future<Output = Result<(), Failed>> + Send {
        let _ = (on, bytes);
        async { Ok(()) }
    }

    /// Reads the row that a statement gives.
    fn find(
        &self,
        on: &mut Connection<Self>,
        statement: &Statement,
        values: &[Value<'_>],
        key: &Key,
    ) -> impl Future<Output = Result<Found, Failed>> + Send;

    /// Reads the rows of a page, see `values::page`.
    fn list(
        &self,
        on: &mut Connection<Self>,
        values: &[Value<'_>],
    ) -> impl Future<Output = Result<Vec<Result<Listed, StoreError>>, Failed>> + Send;

    /// Looks at the record of a key, and claims it at once if it can and there is none.
    fn ask(
        &self,
        records: &Records<Self>,
        on: &mut Connection<Self>,
        request: &ClaimRequest,
        within: Within,
    ) -> impl Future<Output = Result<Asked, Failed>> + Send {
        async move { Ok(Asked { found: records.find(on, &request.key, within).await?, claimed: None }) }
    }

    /// Runs a statement that claims, and reads the fence that it tells; `None` if it was too late.
    fn acquire(
        &self,
        on: &mut Connection<Self>,
        statement: &Statement,
        values: &[Value<'_>],
    ) -> impl Future<Output = Result<Option<Fence>, sqlx::Error>> + Send;

    /// Runs a statement, and says how many rows it changed.
    fn execute(
        &self,
        on: &mut Connection<Self>,
        statement: &Statement,
        values: &[Value<'_>],
    ) -> impl Future<Output = Result<u64, sqlx::Error>> + Send;

    /// Removes up to `limit` records that have expired.
    fn purge(
        &self,
        records: &Records<Self>,
        on: &mut Connection<Self>,
        limit: u32,
    ) -> impl Future<Output = Result<u64, Failed>> + Send;

    /// Claims in the caller's transaction, where others that hold the key are waited for as long as `patience`; as long as
    /// it takes, unless a database knows better.
    fn claim_joined(
        &self,
        records: &Records<Self>,
        on: &mut Connection<Self>,
        request: &ClaimRequest,
        patience: Option<Duration>,
    ) -> impl Future<Output = Result<ClaimDecision, Failed>> + Send {
        let _ = patience;
        joined::claim(records, on, request)
    }
}

/// Says once that somebody leaves transactions open in the pool.
pub(crate) fn warn_of_a_transaction_of_nobody() {
    static WARNED: Once = Once::new();

    WARNED.call_once(|| {
        tracing::warn!(
            target: "idem",
            "a connection came from the pool with an open transaction, which was ended; sqlx leaves one open where a call of \
             `begin` is dropped: begin with `in_transaction`, or in a task of its own"
        );
    });
}

/// Whose transaction a statement is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Within {
    /// Its own.
    Itself,
    /// The caller's.
    Caller,
}

/// What a backend found, and did.
#[derive(Debug)]
pub(crate) struct Asked {
    /// The record as it was, if there was one.
    pub(crate) found: Found,
    /// There was none, and now the caller's claim is there.
    pub(crate) claimed: Option<Fence>,
}

/// Why a statement has no result.
#[derive(Debug)]
pub(crate) enum Failed {
    Sqlx(sqlx::Error),
    Store(StoreError),
}

impl From<sqlx::Error> for Failed {
    fn from(error: sqlx::Error) -> Self {
        Self::Sqlx(error)
    }
}

impl From<StoreError> for Failed {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}
