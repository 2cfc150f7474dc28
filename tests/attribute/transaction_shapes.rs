//! Every shape of function in the caller's transaction: each future is `Send` where the body's is.

use std::cell::Cell;
use std::sync::mpsc;

use async_trait::async_trait;
use idem::{Lent, SqliteStore, idempotent};
use sqlx::pool::PoolConnection;
use sqlx::{Sqlite, SqliteConnection};
use tempfile::TempDir;

use super::ledger::{Ledger, LedgerError, SqliteTransaction, enter};

#[idempotent(store = store, key = id, tx = tx)]
async fn free(store: &SqliteStore, tx: &mut SqliteTransaction<'_>, id: u64) -> Result<i64, LedgerError> {
    Ok(enter(tx, 1).await?)
}

#[idempotent(store = store, key = id, tx = on, retain = "1h", in_flight = wait("5s"), abandoned = refuse)]
async fn on_a_connection(store: &SqliteStore, on: &mut SqliteConnection, id: u64) -> Result<i64, LedgerError> {
    tokio::task::yield_now().await;
    Ok(enter(on, 1).await?)
}

#[idempotent(store = store, key = id, tx = &mut tx)]
async fn owned(store: SqliteStore, mut tx: SqliteTransaction<'_>, id: u64) -> Result<i64, LedgerError> {
    Ok(enter(&mut tx, 1).await?)
}

#[idempotent(store = store, key = id, tx = tx)]
async fn lent(store: &SqliteStore, mut tx: Lent<&mut SqliteTransaction<'_>>, id: u64) -> Result<i64, LedgerError> {
    sqlx::query("INSERT INTO entries VALUES (0)").execute(&mut **tx).await?;
    Ok(enter(&mut tx, 1).await? - 1)
}

#[idempotent(store = store, key = id, tx = **tx, in_flight = reject)]
async fn behind(store: &SqliteStore, tx: &mut Lent<&mut SqliteTransaction<'_>>, id: u64) -> Result<i64, LedgerError> {
    Ok(enter(tx, 1).await?)
}

#[idempotent(store = store, key = id, tx = (*tx))]
async fn pooled(store: &SqliteStore, tx: &mut PoolConnection<Sqlite>, id: u64) -> Result<i64, LedgerError> {
    Ok(enter(tx, 1).await?)
}

/// A unit of work, as repositories pass it on.
struct Work<'c> {
    idem: SqliteStore,
    tx: SqliteTransaction<'c>,
}

struct Borrowed<'a, 'c> {
    work: &'a mut Work<'c>,
}

impl Work<'_> {
    #[idempotent(store = self.idem, scope = "tests.of_self", key = id, tx = self.tx)]
    async fn of_self(&mut self, id: u64) -> Result<i64, LedgerError> {
        self.step().await
    }

    async fn step(&mut self) -> Result<i64, LedgerError> {
        Ok(enter(&mut self.tx, 1).await?)
    }
}

#[idempotent(store = work.idem, key = id, tx = &mut work.tx)]
async fn of_an_argument(work: &mut Work<'_>, id: u64) -> Result<i64, LedgerError> {
    Ok(enter(&mut work.tx, 1).await?)
}

#[idempotent(store = borrowed.work.idem, key = id, tx = borrowed.work.tx)]
async fn of_a_nested_field(borrowed: Borrowed<'_, '_>, id: u64) -> Result<i64, LedgerError> {
    borrowed.work.step().await
}

/// Arguments that can be sent but not shared, and one that the body consumes.
#[expect(clippy::too_many_arguments, reason = "one of each kind")]
#[idempotent(store = store, scope = shared("tests.with_arguments"), key = (id, names.len()), tx = tx)]
async fn with_arguments<F, const N: usize>(
    store: &SqliteStore,
    tx: &mut SqliteTransaction<'_>,
    id: u64,
    (cell, receiver): (Cell<i64>, mpsc::Receiver<i64>),
    of: F,
    names: [String; N],
    mut amount: i64,
    each: &mut (dyn FnMut(i64) + Send),
) -> Result<Vec<i64>, Box<dyn std::error::Error + Send + Sync>>
where
    F: Fn(i64) -> i64 + Send,
{
    let mut entries = Vec::new();
    for name in names {
        cell.set(of(cell.get()) + receiver.try_recv().unwrap_or(1));
        amount += name.parse::<i64>()?;
        each(amount);
        entries.push(enter(tx, amount).await?);
    }
    if entries.is_empty() { Err("no names")? } else { Ok(entries) }
}

#[async_trait]
trait Repository: Send {
    async fn before(&self, tx: &mut SqliteTransaction<'_>, id: u64) -> Result<i64, LedgerError>;
    async fn after(&self, tx: &mut SqliteTransaction<'_>, id: u64, name: String) -> Result<i64, LedgerError>;
    async fn instrumented(&self, tx: &mut SqliteTransaction<'_>, id: u64) -> Result<i64, LedgerError>;
    async fn guarded(&self, tx: Lent<&mut SqliteTransaction<'_>>, id: u64) -> Result<i64, LedgerError>;
}

#[async_trait]
impl Repository for Ledger {
    #[idempotent(store = self.idem, scope = "tests.before", key = id, tx = tx)]
    async fn before(&self, tx: &mut SqliteTransaction<'_>, id: u64) -> Result<i64, LedgerError> {
        Ok(enter(tx, 1).await?)
    }

    #[idempotent(store = self.idem, scope = "tests.after", key = (id, &name), tx = tx, context = execution)]
    async fn after(&self, tx: &mut SqliteTransaction<'_>, id: u64, name: String) -> Result<i64, LedgerError> {
        drop(name);
        enter(&mut *tx, execution.attempt().into()).await?;
        Ok(enter(tx, 1).await? - 1)
    }

    #[idempotent(store = self.idem, scope = "tests.instrumented", key = id, tx = tx)]
    #[tracing::instrument(skip_all)]
    async fn instrumented(&self, tx: &mut SqliteTransaction<'_>, id: u64) -> Result<i64, LedgerError> {
        Ok(enter(tx, 1).await?)
    }

    #[idempotent(store = self.idem, scope = "tests.guarded", key = id, tx = tx)]
    #[expect(clippy::needless_borrow, reason = "the body gets what is guarded, since `#[async_trait]` moves the guard")]
    async fn guarded(&self, mut tx: Lent<&mut SqliteTransaction<'_>>, id: u64) -> Result<i64, LedgerError> {
        Ok(enter(&mut tx, 1).await?)
    }
}

#[async_trait]
trait UnitOfWork {
    async fn save(&mut self, id: u64) -> Result<i64, LedgerError>;
}

#[async_trait]
impl UnitOfWork for Work<'_> {
    #[idempotent(store = self.idem, scope = "tests.save", key = id, tx = self.tx)]
    async fn save(&mut self, id: u64) -> Result<i64, LedgerError> {
        self.step().await
    }
}

/// Awaits each call in a task of its own, in one transaction: it runs once, and is replayed.
macro_rules! assert_runs_once {
    (|$ledger:ident, $tx:ident| $call:expr) => {{
        let ($ledger, _folder): (Ledger, TempDir) = Ledger::open().await;
        let spawned = $ledger.clone();
        let task = tokio::spawn(async move {
            let $ledger = spawned;
            let mut $tx = $ledger.begin().await;
            let first = { $call.await.unwrap() };
            let second = { $call.await.unwrap() };
            $tx.commit().await.unwrap();
            (first, second)
        });
        assert_eq!(task.await.unwrap(), (1, 1), "{}", stringify!($call));
        assert!(matches!($ledger.entries().await, 1 | 2), "{}", stringify!($call));
    }};
}

#[tokio::test]
async fn a_borrowed_transaction_of_any_kind_is_joined() {
    assert_runs_once!(|ledger, tx| free(&ledger.idem, &mut tx, 1));
    assert_runs_once!(|ledger, tx| on_a_connection(&ledger.idem, &mut tx, 1));
    assert_runs_once!(|ledger, tx| lent(&ledger.idem, Lent::lend(&mut tx).0, 1));
    assert_runs_once!(|ledger, tx| behind(&ledger.idem, &mut Lent::lend(&mut tx).0, 1));
    assert_runs_once!(|ledger, tx| ledger.before(&mut tx, 1));
    assert_runs_once!(|ledger, tx| ledger.after(&mut tx, 1, "name".to_owned()));
    assert_runs_once!(|ledger, tx| ledger.instrumented(&mut tx, 1));
    assert_runs_once!(|ledger, tx| ledger.guarded(Lent::lend(&mut tx).0, 1));
}

#[tokio::test]
async fn a_transaction_in_a_field_is_joined() {
    let (ledger, _folder) = Ledger::open().await;
    let mut work = Work { idem: ledger.idem.clone(), tx: ledger.begin().await };
    let task = tokio::spawn(async move {
        for _ in 0..2 {
            assert_eq!(work.of_self(1).await.unwrap(), 1);
            assert_eq!(of_an_argument(&mut work, 1).await.unwrap(), 2);
            assert_eq!(of_a_nested_field(Borrowed { work: &mut work }, 1).await.unwrap(), 3);
            assert_eq!(work.save(1).await.unwrap(), 4);
        }
        work.tx.commit().await.unwrap();
    });
    task.await.unwrap();
    assert_eq!(ledger.entries().await, 4);
}

#[tokio::test]
async fn an_owned_transaction_ends_with_its_call() {
    let (ledger, _folder) = Ledger::open().await;
    let (idem, tx) = (ledger.idem.clone(), ledger.begin().await);
    assert_eq!(tokio::spawn(owned(idem, tx, 1)).await.unwrap().unwrap(), 1);
    assert_eq!(ledger.entries().await, 0, "nobody committed it");
}

#[tokio::test]
async fn a_connection_of_a_pool_is_joined_through_what_it_guards() {
    let (ledger, _folder) = Ledger::open().await;
    let mut connection = ledger.idem.pool().acquire().await.unwrap();
    let error = pooled(&ledger.idem, &mut connection, 1).await.unwrap_err().idem();
    assert!(error.to_string().contains("no transaction is open"), "{error}");
}

#[tokio::test]
async fn the_body_takes_its_arguments_as_in_a_function() {
    let (ledger, _folder) = Ledger::open().await;
    let spawned = ledger.clone();
    let task = tokio::spawn(async move {
        let mut tx = spawned.begin().await;
        let (store, mut seen) = (&spawned.idem, Vec::new());
        for _ in 0..2 {
            let names = ["3".to_owned(), "4".to_owned()];
            let cells = (Cell::new(0), mpsc::channel().1);
            let entries = with_arguments(store, &mut tx, 1, cells, |n| n + 1, names, 10, &mut |n| seen.push(n)).await;
            assert_eq!(entries.unwrap(), [1, 2]);
        }
        let cells = || (Cell::new(0), mpsc::channel().1);
        let error = with_arguments(store, &mut tx, 2, cells(), |n| n, ["x".to_owned()], 0, &mut |_| {}).await;
        assert!(error.unwrap_err().is::<std::num::ParseIntError>());
        let error = with_arguments(store, &mut tx, 2, cells(), |n| n, [], 0, &mut |_| {}).await;
        assert_eq!(error.unwrap_err().to_string(), "no names");
        tx.commit().await.unwrap();
        seen
    });
    assert_eq!(task.await.unwrap(), [13, 17]);
    assert_eq!(ledger.entries().await, 2);
}
