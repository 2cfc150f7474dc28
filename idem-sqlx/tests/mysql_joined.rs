//! A claim in the caller's transaction: what it waits for, what it sees, and which locks it leaves.
#![cfg(feature = "mysql")]

mod common;
mod mysql_common;

use std::time::Duration;

use common::mysql::Database;
use common::{HOUR, TestDatabase, acquire, finish, key, request};
use idem_core::{Answer, Error, InFlight, Operation, Store as _};
use idem_sqlx::MySqlStore;
use mysql_common::{FOREVER, ISOLATIONS, blocked, isolated};
use sqlx::{AssertSqlSafe, Connection as _, MySql, Transaction};

type Tx = Transaction<'static, MySql>;

async fn store(database: &Database, isolation: &str) -> MySqlStore {
    MySqlStore::new(isolated(database, 8, isolation).await)
}

/// A transaction that has looked at something, so that it has its snapshot.
async fn begun(store: &MySqlStore) -> Tx {
    let mut tx = store.pool().begin().await.expect("a transaction");
    let _: i64 = number(&mut tx, "SELECT COUNT(*) FROM idem_records WHERE scope = 'nothing'").await;
    tx
}

async fn number(tx: &mut Tx, sql: &str) -> i64 {
    sqlx::query_scalar(AssertSqlSafe(sql)).fetch_one(&mut **tx).await.expect("a number")
}

fn operation(name: &str) -> Operation {
    Operation::new("payments.charge", name)
}

async fn call(store: &MySqlStore, tx: &mut Tx, operation: Operation, value: i64) -> Result<Answer<i64>, Error> {
    operation.run_in(store, tx, async move |_tx, _| Ok(value)).await
}

/// Fails if any row or gap of the table is locked.
async fn assert_nothing_is_locked(database: &Database) {
    database.execute("SELECT * FROM idem_records FOR UPDATE NOWAIT").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs a server: cargo xtask test"]
async fn a_duplicate_whose_snapshot_is_older_than_the_commit_gets_the_outcome() {
    let database = Database::migrated().await;
    for isolation in ISOLATIONS {
        let store = store(&database, isolation).await;
        let mut leader = begun(&store).await;
        let mut follower = begun(&store).await;
        let led = call(&store, &mut leader, operation(isolation), 1).await;
        assert!(matches!(led, Ok(Answer::Executed(1))), "{isolation}: {led:?}");

        let waiting = tokio::spawn(async move {
            let answer = call(&store, &mut follower, operation(isolation), 2).await;
            let goes_on = number(&mut follower, "SELECT 7").await;
            follower.commit().await.expect("the transaction goes on");
            (answer, goes_on)
        });
        blocked(&database).await;
        leader.commit().await.expect("committed");
        let (answer, goes_on) = tokio::time::timeout(FOREVER, waiting).await.expect("an answer").expect("no panic");
        assert!(matches!(answer, Ok(Answer::Replayed(1))), "{isolation}: {answer:?}");
        assert_eq!(goes_on, 7);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs a server: cargo xtask test"]
async fn behind_a_leader_that_rolls_back_one_executes_and_another_is_told_to_run_again() {
    let database = Database::migrated().await;
    for isolation in ISOLATIONS {
        let store = store(&database, isolation).await;
        let mut leader = begun(&store).await;
        call(&store, &mut leader, operation(isolation), 0).await.expect("executed");
        let followers = [1, 2].map(|value| {
            let store = store.clone();
            tokio::spawn(async move {
                let mut tx = begun(&store).await;
                let answer = call(&store, &mut tx, operation(isolation), value).await?;
                tx.commit().await.expect("committed");
                Ok::<_, Error>(answer)
            })
        });
        blocked(&database).await;
        leader.rollback().await.expect("rolled back");
        let mut executed = 0;
        for follower in followers {
            match follower.await.expect("no panic") {
                Ok(Answer::Executed(_)) => executed += 1,
                Ok(Answer::Replayed(_)) => {}
                Err(error) => assert!(error.is_retryable(), "{isolation}: {error:?}"),
            }
        }
        assert_eq!(executed, 1, "{isolation}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs a server: cargo xtask test"]
async fn a_caller_with_little_patience_is_told_and_its_transaction_goes_on() {
    let database = Database::migrated().await;
    for isolation in ISOLATIONS {
        let store = store(&database, isolation).await;
        let mut leader = begun(&store).await;
        call(&store, &mut leader, operation(isolation), 1).await.expect("executed");
        for in_flight in [InFlight::Reject, InFlight::Wait(Duration::from_millis(300))] {
            let mut follower = begun(&store).await;
            let before = number(&mut follower, "SELECT CAST(@@innodb_lock_wait_timeout AS SIGNED)").await;
            let mine = (isolation, format!("{in_flight:?}"));
            call(&store, &mut follower, Operation::new("payments.refund", &mine), 2).await.expect("a key of its own");
            let refused = call(&store, &mut follower, operation(isolation).in_flight(in_flight), 2);
            let refused = tokio::time::timeout(Duration::from_secs(30), refused).await.expect("the session waits 50 s");
            assert!(refused.as_ref().is_err_and(Error::is_in_progress), "{isolation}: {refused:?}");

            assert_eq!(number(&mut follower, "SELECT CAST(@@innodb_lock_wait_timeout AS SIGNED)").await, before);
            follower.commit().await.expect("the transaction goes on");
            let kept = Operation::new("payments.refund", &mine).run(&store, async |_| Ok::<_, Error>(3)).await;
            assert!(matches!(kept, Ok(Answer::Replayed(2))), "{isolation}: {kept:?}");
        }
        leader.rollback().await.expect("rolled back");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs a server: cargo xtask test"]
async fn a_replay_and_a_call_in_progress_lock_nothing() {
    let database = Database::migrated().await;
    for isolation in ["READ COMMITTED", "REPEATABLE READ"] {
        let store = store(&database, isolation).await;
        let (done, running) = (key(&(isolation, "done")), key(&(isolation, "running")));
        finish(&store, &done, "42").await;
        let claim = acquire(&store, &request(&running)).await;
        let mut tx = begun(&store).await;
        for in_flight in [InFlight::Reject, InFlight::Wait(HOUR)] {
            let again = Operation::new("payments.charge", &(isolation, "done")).in_flight(in_flight);
            let replayed = call(&store, &mut tx, again, 1).await;
            assert!(matches!(replayed, Ok(Answer::Replayed(42))), "{replayed:?}");
            let again = Operation::new("payments.charge", &(isolation, "running")).in_flight(in_flight);
            let refused = call(&store, &mut tx, again, 1).await;
            assert!(refused.as_ref().is_err_and(Error::is_in_progress), "{isolation}: {refused:?}");
        }
        assert_nothing_is_locked(&database).await;
        store.release(&claim).await.expect("the holder does not wait for the transaction");
        tx.commit().await.expect("committed");
    }
}

/// What an open claim locks is its own row: neighbours on both sides are claimed, finished and purged meanwhile.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs a server: cargo xtask test"]
async fn an_open_claim_locks_no_gap() {
    let database = Database::migrated().await;
    for isolation in ["READ COMMITTED", "REPEATABLE READ"] {
        let store = store(&database, isolation).await;
        let mut tx = begun(&store).await;
        call(&store, &mut tx, operation("m"), 1).await.expect("executed");
        for (round, name) in ["a", "l", "ma", "n", "z"].into_iter().enumerate() {
            finish(&store, &key(&(name)), "1").await;
            let mut other = begun(&store).await;
            let neighbour = Operation::new("payments.charge", &(name, round)).in_flight(InFlight::Reject);
            let answer = call(&store, &mut other, neighbour, 1).await;
            assert!(matches!(answer, Ok(Answer::Executed(1))), "{isolation}: {answer:?}");
            other.rollback().await.expect("rolled back");
        }
        tx.rollback().await.expect("rolled back");
        database.execute("DELETE FROM idem_records").await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs a server: cargo xtask test"]
async fn a_claim_of_a_pool_behind_an_open_transaction_waits_no_longer_than_for_a_connection() {
    let database = Database::migrated().await;
    let store = store(&database, "REPEATABLE READ").await;
    let hasty = sqlx::mysql::MySqlPoolOptions::new().max_connections(1).acquire_timeout(Duration::from_secs(1));
    let hasty = MySqlStore::new(hasty.connect_lazy_with(database.connect_options()));
    // A busy machine may take longer to connect.
    while hasty.pool().acquire().await.is_err() {}
    let session = "SELECT CAST(@@innodb_lock_wait_timeout AS SIGNED)";
    let before: i64 = sqlx::query_scalar(session).fetch_one(hasty.pool()).await.expect("a number");
    let mut leader = begun(&store).await;
    call(&store, &mut leader, operation("order"), 1).await.expect("executed");

    let claim = tokio::time::timeout(Duration::from_secs(30), hasty.claim(&request(&key("order")))).await;
    let error = claim.expect("the session would wait 50 s").expect_err("the key is taken");
    assert!(error.is_retryable(), "{error:?}");
    let after: i64 = sqlx::query_scalar(session).fetch_one(hasty.pool()).await.expect("a number");
    assert_eq!(after, before);
    leader.rollback().await.expect("rolled back");
    acquire(&hasty, &request(&key("order"))).await;
}

/// What the store rests on with MySQL, whose statements cannot find it out. MariaDB says it in the same way, too.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs a server: cargo xtask test"]
async fn a_savepoint_tells_whether_the_transaction_is_open_and_leaves_nothing_behind() {
    let database = Database::migrated().await;
    database.execute("CREATE TABLE entries (number BIGINT)").await;
    let pool = database.pool(1).await;
    let add = async |tx: &mut Tx| Database::execute_on(tx, "INSERT INTO entries VALUES (1)").await.expect("a row");
    let mut tx = pool.begin().await.expect("a transaction");
    add(&mut tx).await;
    drop(tx.begin().await.expect("it is open"));
    add(&mut tx).await;
    tx.commit().await.expect("committed");
    assert_eq!(database.number("SELECT count(*) FROM entries").await, 2);

    for ending in ["ROLLBACK", "COMMIT", "CREATE OR REPLACE VIEW numbers AS SELECT number FROM entries"] {
        let mut tx = pool.begin().await.expect("a transaction");
        Database::execute_on(&mut tx, ending).await.expect("it ends");
        let told = tx.begin().await.map(drop);
        assert!(matches!(told, Err(sqlx::Error::BeginFailed)), "{ending}: {told:?}");
        assert!(!tx.is_in_transaction(), "{ending}: whoever asks next is told without a statement");
    }
}
