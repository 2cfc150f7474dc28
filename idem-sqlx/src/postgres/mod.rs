//! A store in a PostgreSQL database.

mod open;
pub(crate) mod migration;
mod sql;
mod backend;
mod error;

use std::sync::Arc;

use idem_core::StoreError;
use sqlx::postgres::PgPool;
use sqlx::{PgConnection, Postgres};

use crate::pooled::Pooled;
use crate::records::Records;
use crate::store::store;
use crate::table::Table;
pub(crate) use backend::{PgBackend, prepares};
pub(crate) use error::has_ended;
pub(crate) use sql::{INSIDE, UTF8, joined};

/// A store in a PostgreSQL database, for any number of processes and machines. PostgreSQL 13 or later.
///
/// A claim of a free key is one statement, and so is a replay, which writes nothing and takes no lock that a writer waits
/// for. Every statement is a transaction of its own, unless it [joins](idem_core::Join) the caller's.
///
/// # The pool
///
/// [`new`](Self::new) takes the application's own pool. What it should have:
///
/// - `test_before_acquire(false)`: with sqlx's default every call costs one more round trip.
/// - Room for two more on the server: one for renewals, and one for completions that find the whole pool in use, each
///   opened when it is needed.
/// - an `acquire_timeout` that callers can live with: a claim waits as long for a transaction of somebody else's that holds
///   its key, and five seconds at most, and then fails with an error that may be retried. The setting of the session stays.
/// - `statement_cache_capacity(0)` if PgBouncer stands between in transaction mode without `max_prepared_statements`: then
///   nothing is prepared, and statements are sent with their values written out. sqlx then writes slow ones to the log, with
///   keys and outcomes, unless its options have `log_slow_statements(LevelFilter::Off, …)` too; idem warns once.
///
/// Its user needs the rights to select, insert, update and delete, and those to make a table only for
/// [`migrate`](Self::migrate).
///
/// A call of sqlx's own `begin` that is dropped before it has ended, as in a handler whose client hangs up, gives its connection
/// back with the transaction open, and whatever the application writes there next is acknowledged and lost. The store's own
/// statements see that, write nothing, close the connection and go on with another one, with one warning. For the
/// application's statements begin with [`in_transaction`](crate::in_transaction), which may be dropped at any time.
///
/// Any isolation level, time zone, `search_path` and language of messages will do. A session that has set another
/// `client_encoding` than UTF8, which sqlx asks for, is refused. With `synchronous_commit = off` a crash
/// of the server forgets claims and outcomes that were acknowledged, and their calls run again.
///
/// Clones share the pool. The calls may come from any runtime of tokio.
#[derive(Clone)]
pub struct PgStore {
    inner: Arc<Pooled<PgBackend>>,
}

impl PgStore {
    /// A store in the table `idem_records` of the application's own database, see [`migrate`](Self::migrate).
    #[must_use]
    pub fn new(pool: PgPool) -> Self {
        Self::in_table(pool, Table::default())
    }

    /// A store in a table of another name, or in a schema: `"calls"`, `"billing.calls"`. Without a schema, the table is
    /// found on the `search_path`.
    ///
    /// # Errors
    ///
    /// If a name has anything but letters, digits and underscores, begins with a digit, or is longer than 52.
    pub fn with_table(pool: PgPool, table: &str) -> Result<Self, StoreError> {
        Ok(Self::in_table(pool, Table::qualified(table)?))
    }

    fn in_table(pool: PgPool, table: Table) -> Self {
        let backend = PgBackend::new(&table, &pool);
        Self { inner: Arc::new(Pooled::new(pool, Records::new(backend, table))) }
    }
}

store!(PgStore, Postgres, PgConnection);
