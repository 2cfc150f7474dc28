//! Transactions that the database gives up in favour of others: they are run again, and nothing of the first run is kept.

use std::sync::atomic::{AtomicU32, Ordering};

use idem::{Answer, Operation};
use idem_sqlx::{LentTransaction, MySqlStore, PgStore, TransactionDatabase, in_transaction};
use sqlx::{AssertSqlSafe, Executor, PgPool, Pool, Postgres, Transaction};
use tokio::sync::Barrier;

use crate::bank::{self, AnyError, Bank, Variant};
use crate::database::{Database, Isolation, Kind};

/// How often a transaction ran, how often to its end, and how often its body.
#[derive(Debug, Default)]
struct Runs {
    begun: AtomicU32,
    ended: AtomicU32,
    bodies: AtomicU32,
}

impl Runs {
    /// Whether this is the first.
    fn begin(&self) -> bool {
        self.begun.fetch_add(1, Ordering::SeqCst) == 0
    }

    fn all(&self) -> [u32; 3] {
        [&self.begun, &self.bodies, &self.ended].map(|count| count.load(Ordering::SeqCst))
    }
}

async fn sql<DB: TransactionDatabase>(tx: &mut Transaction<'static, DB>, statement: &str) -> Result<(), sqlx::Error>
where
    for<'c> &'c mut DB::Connection: Executor<'c, Database = DB>,
{
    sqlx::raw_sql(AssertSqlSafe(statement.to_owned())).execute(&mut **tx).await.map(drop)
}

/// Where somebody else gets in the way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum At {
    Body,
    Record,
    Commit,
}

const READ: &str = "SELECT sum(balance) FROM accounts";
const WRITE: &str = "UPDATE accounts SET balance = balance + 1 WHERE id = 1";

/// PostgreSQL at its strictest: what two transactions do to each other shows in the body, at the record, and at `COMMIT`.
#[ignore = "needs a server: cargo xtask test"]
#[tokio::test]
async fn postgres_serialization_failure_retried_not_stored() {
    for (at, runs) in [(At::Body, [2, 2, 1]), (At::Record, [2, 0, 1]), (At::Commit, [2, 2, 2])] {
        let database = Database::fresh(Kind::Postgres).await;
        bank::found(&database).await;
        let pool = database.postgres_pool(4, Isolation::Serializable);
        let (answer, counted) = serialize(&pool, at).await;
        assert_eq!(answer.expect("it is run again"), "credited", "{at:?}");
        assert_eq!(counted.all(), runs, "{at:?}");
        let bank = Bank::open(&database, Isolation::Committed, Variant::Sound);
        let others = i64::from(at != At::Record);
        assert_eq!(bank.balance().await, 1 + others, "credited once, beside what the other did: {at:?}");
        let states: Vec<String> =
            sqlx::query_scalar("SELECT state FROM idem_records").fetch_all(&pool).await.expect("the server answers");
        assert_eq!(states, ["completed"], "{at:?}");
        pool.close().await;
        database.remove().await;
    }
}

async fn serialize(pool: &PgPool, at: At) -> (Result<String, AnyError>, Runs) {
    let (store, runs) = (PgStore::new(pool.clone()), Runs::default());
    let answer = in_transaction(pool, async |mut tx: LentTransaction<Postgres>| {
        let first = runs.begin();
        sql(&mut tx, READ).await?;
        if first && at == At::Record {
            // The same call in a transaction that this one, whose snapshot is older, must not see.
            credit(pool, &store).await?;
        }
        let answer = Operation::new("faults.credit", "order-17")
            .run_in(&store, &mut *tx, async |mut tx, _| {
                runs.bodies.fetch_add(1, Ordering::SeqCst);
                if first && at == At::Body {
                    sqlx::raw_sql(WRITE).execute(pool).await?;
                }
                sql(&mut tx, WRITE).await?;
                Ok::<_, AnyError>("credited".to_owned())
            })
            .await?;
        if first && at == At::Commit {
            write_skew(pool).await?;
        }
        runs.ended.fetch_add(1, Ordering::SeqCst);
        Ok::<_, AnyError>(answer.into_inner())
    })
    .await;
    (answer, runs)
}

async fn credit(pool: &PgPool, store: &PgStore) -> Result<(), AnyError> {
    let mut tx = pool.begin().await?;
    let body = async |mut tx: idem::Lent<&mut Transaction<'static, Postgres>>, _| {
        sql(&mut tx, WRITE).await?;
        Ok::<_, AnyError>("credited".to_owned())
    };
    Operation::new("faults.credit", "order-17").run_in(store, &mut tx, body).await?;
    Ok(tx.commit().await?)
}

/// Reads what the other has written, and writes what it has read.
async fn write_skew(pool: &PgPool) -> Result<(), AnyError> {
    let mut tx = pool.begin().await?;
    sql(&mut tx, READ).await?;
    sql(&mut tx, "UPDATE accounts SET balance = balance + 1 WHERE id = 2").await?;
    Ok(tx.commit().await?)
}

#[ignore = "needs a server: cargo xtask test"]
#[tokio::test]
async fn postgres_deadlock_retried() {
    let database = Database::fresh(Kind::Postgres).await;
    let pool = database.postgres_pool(4, Isolation::Committed);
    deadlock(&database, &pool, &PgStore::new(pool.clone())).await;
}

#[ignore = "needs a server: cargo xtask test"]
#[tokio::test]
async fn mysql_deadlock_retried() {
    let database = Database::fresh(Kind::MySql).await;
    let pool = database.mysql_pool(4, Isolation::Repeatable);
    deadlock(&database, &pool, &MySqlStore::new(pool.clone())).await;
}

/// Two transfers between the same accounts, in opposite directions, each of which has its first when it asks for its second.
async fn deadlock<DB, S>(database: &Database, pool: &Pool<DB>, store: &S)
where
    DB: TransactionDatabase,
    S: idem::Join<Transaction<'static, DB>>,
    for<'c> &'c mut DB::Connection: Executor<'c, Database = DB>,
{
    bank::found(database).await;
    let (both, runs) = (Barrier::new(2), [Runs::default(), Runs::default()]);
    let transfer = async |one: usize| {
        in_transaction(pool, async |mut tx: LentTransaction<DB>| {
            let first = runs[one].begin();
            Operation::new("faults.move", &u32::try_from(one).expect("it is 0 or 1"))
                .run_in(store, &mut *tx, async |mut tx, _| {
                    sql(&mut tx, &format!("UPDATE accounts SET balance = balance - 5 WHERE id = {one}")).await?;
                    if first {
                        both.wait().await;
                    }
                    sql(&mut tx, &format!("UPDATE accounts SET balance = balance + 7 WHERE id = {}", 1 - one)).await?;
                    Ok::<_, AnyError>(one)
                })
                .await
                .map(Answer::into_inner)
        })
        .await
    };
    let (first, second) = tokio::join!(transfer(0), transfer(1));
    assert_eq!((first.expect("it is run"), second.expect("it is run")), (0, 1));
    let begun: u32 = runs.iter().map(|runs| runs.all()[0]).sum();
    assert!(begun > 2, "one of them was given up");
    let bank = Bank::open(database, Isolation::Committed, Variant::Sound);
    assert_eq!(bank.balance().await, 4, "each happened once");
    pool.close().await;
    database.remove().await;
}
