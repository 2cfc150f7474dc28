//! Messages that are handled once, for consumers that need no result.

mod messages;
mod marks;
mod upkeep;
mod inner;
mod database;
#[cfg(feature = "postgres")]
mod postgres;
#[cfg(feature = "mysql")]
mod mysql;
#[cfg(feature = "sqlite")]
mod sqlite;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use idem_core::{IntoKey, Key, Scope, StoreError};
use sqlx::Connection as _;

use crate::table::Table;
use crate::transaction::inside;

pub use database::{InboxDatabase, InboxTransaction};
pub use marks::Advance;

use database::{Connection, Database};
use inner::Inner;

/// Remembers which messages a consumer has had, in the transaction in which it handles them.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
/// # let folder = tempfile::tempdir()?;
/// # let pool = idem_sqlx::SqliteStore::open(folder.path().join("app.db")).await?.pool().clone();
/// use idem_sqlx::{Inbox, in_transaction};
///
/// let inbox = Inbox::new("ledger")?;
/// inbox.migrate(&pool).await?;
/// sqlx::raw_sql("CREATE TABLE entries (amount INTEGER)").execute(&pool).await?;
/// # type Error = Box<dyn std::error::Error + Send + Sync>;
///
/// let handle = async |message_id: &str, amount: i64| {
///     in_transaction(&pool, async |mut tx| {
///         if inbox.first_time(&mut tx, message_id).await? {
///             sqlx::query("INSERT INTO entries VALUES (?1)").bind(amount).execute(&mut **tx).await?;
///         }
///         Ok::<_, Error>(())
///     })
///     .await
/// };
/// handle("evt_17", 100).await?;
/// handle("evt_17", 100).await?;
/// let entries: i64 = sqlx::query_scalar("SELECT count(*) FROM entries").fetch_one(&pool).await?;
/// assert_eq!(entries, 1);
/// # Ok(()) }
/// ```
///
/// The id and what the handler writes are one commit: if the handler fails, or the process ends before the commit, the
/// transaction is rolled back, and the message is new when it is delivered again. Acknowledge it to the broker after the
/// commit, whether it was new or not.
///
/// A message that another open transaction is handling is waited for: it is a duplicate if that one commits, and new if
/// that one is rolled back. A duplicate never aborts the caller's transaction. Under `REPEATABLE READ` and
/// `SERIALIZABLE`, PostgreSQL may answer with a serialization failure instead; that error, deadlocks and the like
/// [are retryable](StoreError::is_retryable), and [`in_transaction`](crate::in_transaction) runs the transaction again.
/// On SQLite a transaction that reads before it asks must begin with `BEGIN IMMEDIATE`, as `in_transaction` does.
///
/// # What identifies a message
///
/// Anything that can be a [key](IntoKey): the id that the producer gave the message, and not the broker's offset, which is
/// another one when the producer sends it again. Two ids are equal if they are, exactly; ids that are long are stored as a
/// hash. Consumers of different names share nothing.
///
/// # How long
///
/// Ids are kept for [`remember_for`](Self::remember_for) at least, and until a [`purge`](Self::purge). That must be longer
/// than the broker can deliver a message again: the retention of a topic, the life of a message in a queue, and the time
/// that an operator may take to replay a dead letter. What is delivered after its id was forgotten is handled a second
/// time.
///
/// # PgBouncer
///
/// In transaction mode it will do, with `statement_cache_capacity(0)` in the application's pool: everything is asked inside
/// a transaction, and nothing is prepared under a name.
///
/// Clones share what they are made of; all of this is cheap.
#[derive(Clone)]
pub struct Inbox {
    inner: Arc<Inner>,
    remember_for: Duration,
}

impl Inbox {
    /// How long ids are kept at least, unless it is [set](Self::remember_for): 30 days, which is longer than the defaults
    /// of Kafka (7 days) and the most that SQS has (14 days).
    pub const DEFAULT_REMEMBER_FOR: Duration = Duration::from_hours(30 * 24);

    /// The inbox of a consumer, in the tables `idem_inbox` and `idem_inbox_marks`, see [`migrate`](Self::migrate).
    ///
    /// The name is stored with each message: keep it when the code moves.
    ///
    /// # Errors
    ///
    /// If the name is empty, is longer than 200 bytes or has a control character.
    pub fn new(consumer: &str) -> Result<Self, StoreError> {
        Self::in_table(consumer, Table::inbox())
    }

    /// The inbox of a consumer, in a table of another name, and one for marks with `_marks` after it: `"seen"`, or, in a
    /// schema of PostgreSQL or another database of MySQL, `"billing.seen"`.
    ///
    /// # Errors
    ///
    /// As for [`new`](Self::new), and if the table's name has anything but letters, digits and underscores, begins with a
    /// digit, or is longer than 52.
    pub fn with_table(consumer: &str, table: &str) -> Result<Self, StoreError> {
        Self::in_table(consumer, Table::qualified(table)?)
    }

    fn in_table(consumer: &str, table: Table) -> Result<Self, StoreError> {
        let consumer = Scope::new(consumer.to_owned()).map_err(misuse)?;
        Ok(Self { inner: Arc::new(Inner::new(consumer, table)), remember_for: Self::DEFAULT_REMEMBER_FOR })
    }

    /// Sets how long ids are kept at least.
    ///
    /// It counts from when a message came first, on the clock of the database, and holds for what is stored already.
    #[must_use]
    pub fn remember_for(self, duration: Duration) -> Self {
        Self { remember_for: duration, ..self }
    }

    /// The text of an id or of the name of a source.
    fn text<K: IntoKey + ?Sized>(&self, id: &K) -> Result<Key, StoreError> {
        Key::new(self.inner.consumer.clone(), id).map_err(misuse)
    }
}

/// The connection of a transaction, if it has one that is open.
async fn open<T: InboxTransaction>(tx: &mut T) -> Result<&mut Connection<T>, StoreError> {
    let on = tx.connection();
    if !on.is_in_transaction() {
        return Err(StoreError::refused(
            "no transaction is open on this connection; begin one, in which the message is handled too: \
             `let mut tx = pool.begin().await?`",
            None,
        ));
    }
    inside::check::<Database<T>>(on).await.map_err(Database::<T>::error)?;
    Ok(on)
}

/// A name or an id that cannot be one.
#[expect(clippy::needless_pass_by_value, reason = "for `map_err`")]
fn misuse(error: idem_core::Error) -> StoreError {
    StoreError::refused(error.to_string(), None)
}

impl fmt::Debug for Inbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Inbox")
            .field("consumer", &self.inner.consumer)
            .field("table", &self.inner.messages.to_string())
            .field("remember_for", &self.remember_for)
            .finish()
    }
}
