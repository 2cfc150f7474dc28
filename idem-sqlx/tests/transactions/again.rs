//! What `in_transaction` runs again, and what it does not.

use std::error::Error;
use std::fmt;
use std::sync::atomic::{AtomicU32, Ordering};

use idem_sqlx::in_transaction;
use tokio::sync::Barrier;
use tokio::task::LocalSet;

use crate::common;
use crate::databases::Ledger;
use crate::ledger::{FOREVER, Failure, add, create, entries};

common::on_each_database! {
    an_error_of_the_body_is_not_run_again
    an_error_that_the_database_wants_run_again_is_found_behind_any_error
    deadlock_retried
}

async fn an_error_of_the_body_is_not_run_again<D: Ledger>(database: &D) {
    create(database).await;
    let pool = database.pool(2).await;
    let runs = AtomicU32::new(0);
    let answer: Result<(), Failure> = in_transaction(&pool, async |mut tx| {
        runs.fetch_add(1, Ordering::Relaxed);
        add::<D>(&mut tx, "a", 1).await?;
        D::execute_on(&mut tx, "SELECT nonsense FROM entries").await?;
        Ok(())
    })
    .await;
    assert!(answer.expect_err("no such column").downcast::<sqlx::Error>().is_ok());
    assert_eq!((runs.into_inner(), entries(database, "a").await), (1, 0));
}

/// An error of the application's, with the database's behind it.
#[derive(Debug)]
enum Wrapped {
    Source(sqlx::Error),
    /// As `#[error(transparent)]` has it: what it shows is what is behind its source.
    Transparent(sqlx::Error),
    Told(String),
}

impl fmt::Display for Wrapped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Source(_) | Self::Transparent(_) => f.write_str("wrapped"),
            Self::Told(what) => f.write_str(what),
        }
    }
}

impl Error for Wrapped {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Source(error) => Some(error),
            Self::Transparent(error) => error.source(),
            Self::Told(_) => None,
        }
    }
}

impl From<sqlx::Error> for Wrapped {
    fn from(error: sqlx::Error) -> Self {
        Self::Source(error)
    }
}

async fn an_error_that_the_database_wants_run_again_is_found_behind_any_error<D: Ledger>(database: &D) {
    create(database).await;
    let pool = database.pool(3).await;
    let wraps: [fn(sqlx::Error) -> Wrapped; 3] =
        [Wrapped::Source, Wrapped::Transparent, |error| Wrapped::Told(error.to_string())];
    for (wrap, expected) in wraps.into_iter().zip([2, 2, 1]) {
        let error = std::sync::Mutex::new(Some(a_deadlock::<D>(&pool).await));
        let runs = AtomicU32::new(0);
        let answer = in_transaction(&pool, async |_tx| {
            runs.fetch_add(1, Ordering::Relaxed);
            match error.lock().expect("no panic").take() {
                Some(error) => Err(wrap(error)),
                None => Ok(()),
            }
        })
        .await;
        assert_eq!(runs.into_inner(), expected, "{answer:?}");
    }
}

/// An error that the database gives when two are in each other's way.
async fn a_deadlock<D: Ledger>(pool: &sqlx::Pool<D::Sqlx>) -> sqlx::Error {
    let mut holder = crate::ledger::begin::<D>(pool).await;
    add::<D>(&mut holder, "held", 1).await.expect("a row");
    let mut other = pool.acquire().await.expect("a connection");
    let error = D::execute_on(&mut other, D::CONFLICT).await.expect_err("a conflict");
    holder.rollback().await.expect("a rollback");
    error
}

async fn deadlock_retried<D: Ledger>(database: &D) {
    create(database).await;
    database.execute("INSERT INTO entries VALUES ('x', 0), ('y', 0)").await;
    let pool = database.pool(2).await;
    let meet = std::sync::Arc::new(Barrier::new(2));
    let tasks = LocalSet::new();
    let mut running = Vec::new();
    for names in [["x", "y"], ["y", "x"]] {
        let (pool, meet) = (pool.clone(), std::sync::Arc::clone(&meet));
        running.push(tasks.spawn_local(async move {
            let first = AtomicU32::new(0);
            in_transaction(&pool, async |mut tx| {
                let run = first.fetch_add(1, Ordering::Relaxed);
                for name in names {
                    let sql = format!("UPDATE entries SET number = number + 1 WHERE name = '{name}'");
                    D::execute_on(&mut tx, &sql).await?;
                    // Both have one row now, and want the other's. Where there is one writer, only one comes this far.
                    if run == 0 {
                        let _ = tokio::time::timeout(std::time::Duration::from_millis(200), meet.wait()).await;
                    }
                }
                Ok::<_, Failure>(())
            })
            .await
        }));
    }
    tasks
        .run_until(async {
            for task in running {
                let done = tokio::time::timeout(FOREVER, task).await.expect("no deadlock for ever");
                done.expect("no panic").expect("both are committed in the end");
            }
        })
        .await;
    assert_eq!(database.number("SELECT min(number) + max(number) FROM entries").await, 4);
}
