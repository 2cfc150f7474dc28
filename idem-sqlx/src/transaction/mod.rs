//! A transaction that is run again when the database wants it run again.

mod begin;
mod cause;
mod database;
mod ending;
pub(crate) mod held;
pub(crate) mod inside;
mod error;

use std::time::Duration;

use idem_core::Lent;
use sqlx::{Pool, Transaction};

pub(crate) use cause::is_retryable;
pub use cause::{Cause, ViaError, ViaReference};
pub use database::TransactionDatabase;
pub(crate) use ending::{Fate, roll_back};
use error::Reason;
pub use error::TransactionError;
use held::Held;

/// How often a transaction is run at most.
const ATTEMPTS: u32 = 12;
/// How many sessions that take no writes any more are gone through at once.
const MOST_SESSIONS: u32 = 64;
/// The pause after the first attempt; it doubles after each, up to [`LONGEST_PAUSE`], and half of it is left to chance.
const FIRST_PAUSE: Duration = Duration::from_millis(4);
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

/// A transaction on loan: it dereferences to `sqlx::Transaction`, so pass `&mut tx` on.
pub type LentTransaction<DB> = Lent<Box<Transaction<'static, DB>>>;

/// Runs `body` in a transaction and commits it, and runs it again when the database says that it must be: after a
/// serialization failure, a deadlock, a lost connection, a failover after which the server takes no writes, or an acknowledgement
/// of `COMMIT` that never came. An error code means here what it means to the store of the database.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
/// # let folder = tempfile::tempdir()?;
/// use idem_core::Operation;
/// use idem_sqlx::{SqliteStore, in_transaction};
///
/// let store = SqliteStore::open(folder.path().join("app.db")).await?;
/// sqlx::raw_sql("CREATE TABLE entries (amount INTEGER)").execute(store.pool()).await?;
/// # type Error = Box<dyn std::error::Error + Send + Sync>;
///
/// let deposit = async |amount: i64| {
///     in_transaction(store.pool(), async |mut tx| {
///         Operation::new("ledger.deposit", "message-17")
///             .run_in(&store, &mut *tx, async |mut tx, _| {
///                 sqlx::query("INSERT INTO entries VALUES (?1)").bind(amount).execute(&mut **tx).await?;
///                 Ok::<_, Error>(amount)
///             })
///             .await
///     })
///     .await
/// };
/// assert!(!deposit(100).await?.is_replayed());
/// assert!(deposit(100).await?.is_replayed());
/// let entries: i64 = sqlx::query_scalar("SELECT count(*) FROM entries").fetch_one(store.pool()).await?;
/// assert_eq!(entries, 1);
/// # Ok(()) }
/// ```
///
/// # What may be in the body
///
/// The body may run several times, so it is an `Fn`, and has no effect but on its transaction. When the acknowledgement of
/// `COMMIT` is lost, nobody knows whether it took effect, and the body runs again. That is right only if the body then
/// finds what it did: **everything it writes belongs inside an idempotent call, or behind an [`Inbox`](crate::Inbox)**.
///
/// An error of the body rolls everything back and is returned, unless a cause of it says that the database wants the
/// transaction run again. Some errors that the body gets from the database have ended the transaction already: every one on
/// PostgreSQL, a deadlock on MySQL, a full disk on SQLite. A body that goes on after one and returns `Ok` gets an
/// error: [`TransactionError::is_ended`]. To find that out is one more round trip before the commit.
///
/// What idem itself writes in a transaction that has ended fails with that error too, so that no claim, outcome, id of a message or
/// row of an entity stands by itself. idem does not see the body's own statements: on MySQL, MariaDB and SQLite, what they write
/// after the end is there. So return errors of the database from the body, and do not end the transaction there: no `COMMIT`, no
/// `ROLLBACK`, and on MySQL and MariaDB no statement that commits by itself, such as `CREATE TABLE`.
///
/// What in the body would wait for the body's own transaction fails at once and says so, if it is idem's own: on SQLite each other write
/// to the same database, and on every database what needs a connection of a pool whose connections the transactions around it have
/// all. A statement of your own that is sent to the pool and not to `tx` is not seen: on SQLite it waits for `busy_timeout`, and so in
/// each of twelve attempts. An idempotent call takes the transaction by `tx = …` or [`run_in`](idem_core::Operation::run_in). Work that the body hands to
/// another task is not seen, and waits.
///
/// The pool is the one whose database the store is in; the types tell one database from another, and not one server from
/// another. A call with `tx` of another database than its store's leaves its record where its effect is not committed.
///
/// On SQLite the transaction begins with `BEGIN IMMEDIATE`, since one that reads first and then writes fails when another
/// wrote in between.
///
/// # Errors
///
/// The body's error. A `sqlx::Error` that carries a [`TransactionError`], if no transaction could be begun or committed: it
/// tells whether the database was away, and whether a commit may have taken effect. After twelve attempts the error of
/// the last one; that is after five seconds or so where each of them fails at once.
pub async fn in_transaction<DB, T, E, Kind, Body, Running>(pool: &Pool<DB>, body: Body) -> Result<T, E>
where
    DB: TransactionDatabase,
    E: From<sqlx::Error> + Cause<Kind>,
    Body: Fn(LentTransaction<DB>) -> Running,
    Running: Future<Output = Result<T, E>>,
{
    let mut pause = FIRST_PAUSE;
    let mut is_ambiguous = false;
    // As many as the pool may have from before a failover; to go through them takes no pause, and is not a failed attempt.
    let mut sessions = pool.size().min(MOST_SESSIONS);
    let mut attempts = 0;
    let mut limit = ATTEMPTS;
    loop {
        attempts += 1;
        let failed = match attempt(pool, &body).await {
            Ok(value) => return Ok(value),
            Err(failed) => failed,
        };
        is_ambiguous |= matches!(&failed, Failed::Around(error) if error.is_unanswered());
        if attempts == limit || !failed.wants_another_run::<DB, Kind>() {
            return Err(failed.into_error(attempts, is_ambiguous));
        }
        if sessions > 0 && failed.fate::<DB, Kind>() == Fate::Ended {
            sessions -= 1;
            limit += 1;
            continue;
        }
        tokio::time::sleep(jittered(pause)).await;
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}

/// Why an attempt has no result.
enum Failed<E> {
    /// The body says so.
    Body(E),
    /// What is around the body does.
    Around(TransactionError),
}

/// Runs the body once.
async fn attempt<DB, T, E, Kind, Body, Running>(pool: &Pool<DB>, body: &Body) -> Result<T, Failed<E>>
where
    DB: TransactionDatabase,
    E: Cause<Kind>,
    Body: Fn(LentTransaction<DB>) -> Running,
    Running: Future<Output = Result<T, E>>,
{
    let tx = DB::begin(pool).await.map_err(refused::<DB, E>)?;
    let (lent, lender) = Lent::lend(Box::new(tx));
    let returned = held::during(Held::by(pool), body(lent)).await;
    let (value, mut tx) = match (returned, lender.returned()) {
        (Ok(value), Some(tx)) => (value, tx),
        (Ok(_), None) => return Err(around(Reason::Kept, None)),
        // Whoever has the transaction rolls it back when it is dropped.
        (Err(error), None) => return Err(Failed::Body(error)),
        (Err(error), Some(tx)) => {
            let failed = Failed::Body(error);
            roll_back(pool, *tx, failed.fate::<DB, Kind>()).await;
            return Err(failed);
        }
    };
    // A `COMMIT` of what the database has rolled back is acknowledged all the same.
    match DB::is_open_at_commit(&mut tx).await {
        Ok(true) => {}
        Ok(false) => {
            roll_back(pool, *tx, Fate::GoesOn).await;
            return Err(around(Reason::Ended, None));
        }
        Err(error) => {
            let failed = refused::<DB, E>(error);
            roll_back(pool, *tx, failed.fate::<DB, Kind>()).await;
            return Err(failed);
        }
    }
    tx.commit().await.map_err(|error| {
        let reason = if cause::is_unanswered::<DB>(&error) { Reason::Unanswered } else { Reason::Refused };
        around(reason, Some(error))
    })?;
    Ok(value)
}

/// Before a `COMMIT` was sent, so that nothing can have taken effect.
fn refused<DB: TransactionDatabase, E>(error: sqlx::Error) -> Failed<E> {
    around(if cause::is_away::<DB>(&error) { Reason::Away } else { Reason::Refused }, Some(error))
}

fn around<E>(reason: Reason, source: Option<sqlx::Error>) -> Failed<E> {
    Failed::Around(TransactionError::new(reason, source))
}

impl<E> Failed<E> {
    fn wants_another_run<DB: TransactionDatabase, Kind>(&self) -> bool
    where
        E: Cause<Kind>,
    {
        match self {
            Self::Body(error) => cause::wants_another_run::<DB>(error.cause()),
            Self::Around(error) => cause::wants_another_run::<DB>(error),
        }
    }

    fn fate<DB: TransactionDatabase, Kind>(&self) -> Fate
    where
        E: Cause<Kind>,
    {
        match self {
            Self::Body(error) => Fate::after::<DB>(error.cause()),
            Self::Around(error) => Fate::after::<DB>(error),
        }
    }

    fn into_error(self, attempts: u32, is_ambiguous: bool) -> E
    where
        E: From<sqlx::Error>,
    {
        match self {
            Self::Body(error) => error,
            Self::Around(error) => error.after(attempts, is_ambiguous).into_sqlx().into(),
        }
    }
}

/// At least half of the pause, so that two that were in each other's way part.
pub(crate) fn jittered(pause: Duration) -> Duration {
    pause.mul_f64(rand::random_range(0.5..=1.0))
}
