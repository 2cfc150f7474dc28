//! A transaction that is run again when the database wants it run again.

mod begin;
mod cause;
mod database;

use std::ops::ControlFlow;
use std::time::Duration;

use idem_core::Lent;
use sqlx::{Pool, Transaction};

pub(crate) use cause::gave_up;
pub use cause::{Cause, ViaError, ViaReference};
pub use database::TransactionDatabase;

/// How often a transaction is run at most.
const ATTEMPTS: u32 = 12;
/// The pause after the first attempt; it doubles after each, up to [`LONGEST_PAUSE`], and half of it is left to chance.
const FIRST_PAUSE: Duration = Duration::from_millis(4);
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

/// A transaction on loan: it dereferences to `sqlx::Transaction`, so pass `&mut tx` on.
pub type LentTransaction<DB> = Lent<Box<Transaction<'static, DB>>>;

/// Runs `body` in a transaction and commits it, and runs it again when the database says that it must be: after a
/// serialization failure, a deadlock, a lost connection, or an acknowledgement of `COMMIT` that never came.
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
/// transaction run again. On PostgreSQL an error that the body gets from the database ends the transaction; a body that
/// swallows it and returns `Ok` commits nothing.
///
/// On SQLite the transaction begins with `BEGIN IMMEDIATE`, since one that reads first and then writes fails when another
/// wrote in between.
///
/// # Errors
///
/// The body's error. The error of the last attempt, if the database wanted yet another one after twelve, which is after
/// five seconds or so.
pub async fn in_transaction<DB, T, E, Kind, Body, Running>(pool: &Pool<DB>, body: Body) -> Result<T, E>
where
    DB: TransactionDatabase,
    E: From<sqlx::Error> + Cause<Kind>,
    Body: Fn(LentTransaction<DB>) -> Running,
    Running: Future<Output = Result<T, E>>,
{
    let mut pause = FIRST_PAUSE;
    for _ in 1..ATTEMPTS {
        match attempt(pool, &body).await {
            ControlFlow::Break(done) => return done,
            ControlFlow::Continue(_) => tokio::time::sleep(jittered(pause)).await,
        }
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
    match attempt(pool, &body).await {
        ControlFlow::Break(done) => done,
        ControlFlow::Continue(error) => Err(error),
    }
}

/// Runs the body once; continues with its error if it is to be run again.
async fn attempt<DB, T, E, Kind, Body, Running>(pool: &Pool<DB>, body: &Body) -> ControlFlow<Result<T, E>, E>
where
    DB: TransactionDatabase,
    E: From<sqlx::Error> + Cause<Kind>,
    Body: Fn(LentTransaction<DB>) -> Running,
    Running: Future<Output = Result<T, E>>,
{
    let tx = match DB::begin(pool).await {
        Ok(tx) => tx,
        Err(error) => return again::<DB, _, _, _>(error.into()),
    };
    let (lent, lender) = Lent::lend(Box::new(tx));
    let returned = body(lent).await;
    let Some(tx) = lender.returned() else {
        return ControlFlow::Break(Err(sqlx::Error::Protocol(
            "the body kept the transaction that it was lent, and nothing was committed; drop it before the body ends"
                .to_owned(),
        )
        .into()));
    };
    match returned {
        Ok(value) => match tx.commit().await {
            Ok(()) => ControlFlow::Break(Ok(value)),
            Err(error) => again::<DB, _, _, _>(error.into()),
        },
        Err(error) => {
            // What cannot be rolled back on this connection is when it closes.
            let _ = tx.rollback().await;
            again::<DB, _, _, _>(error)
        }
    }
}

fn again<DB: TransactionDatabase, T, E: Cause<Kind>, Kind>(error: E) -> ControlFlow<Result<T, E>, E> {
    if cause::wants_another_run::<DB>(error.cause()) {
        ControlFlow::Continue(error)
    } else {
        ControlFlow::Break(Err(error))
    }
}

/// At least half of the pause, so that two that were in each other's way part.
pub(crate) fn jittered(pause: Duration) -> Duration {
    pause.mul_f64(rand::random_range(0.5..=1.0))
}
