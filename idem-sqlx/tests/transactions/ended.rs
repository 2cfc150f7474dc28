//! What `in_transaction` says where there is nothing to commit, or no database.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use idem_sqlx::{TransactionError, in_transaction};
use sqlx::error::DatabaseError;
use sqlx::pool::PoolOptions;

use crate::common;
use crate::databases::Ledger;
use crate::ledger::{Failure, add, create, entries};

common::on_each_database! {
    a_transaction_that_the_database_has_ended_is_an_error
    a_transaction_that_the_body_has_ended_is_an_error
    an_error_that_ends_nothing_may_be_swallowed
    a_database_that_is_away_is_told
    a_pool_that_gives_no_connection_is_told
    what_the_database_refuses_at_the_commit_stays_its_own_error
}

async fn a_transaction_that_the_database_has_ended_is_an_error<D: Ledger>(database: &D) {
    create(database).await;
    let pool = database.pool(2).await;
    for error in D::ENDS {
        let runs = AtomicU32::new(0);
        let answer: Result<(), Failure> = in_transaction(&pool, async |mut tx| {
            runs.fetch_add(1, Ordering::Relaxed);
            add::<D>(&mut tx, "lost", 1).await?;
            // Nobody should go on after it.
            let _ = D::execute_on(&mut tx, error).await;
            Ok(())
        })
        .await;
        let why = answer.expect_err("nothing was committed");
        let why = TransactionError::find(&why).unwrap_or_else(|| panic!("{error}: {why}"));
        assert!(why.is_ended() && !why.is_away() && !why.is_ambiguous(), "{error}: {why}");
        assert_eq!((runs.into_inner(), entries(database, "lost").await), (1, 0), "{error}");
        // And nothing of it is left on the connection.
        in_transaction(&pool, async |mut tx| Ok::<_, Failure>(add::<D>(&mut tx, "next", 1).await?))
            .await
            .expect("a commit");
    }
    assert_eq!(usize::try_from(entries(database, "next").await), Ok(D::ENDS.len()));
}

async fn a_transaction_that_the_body_has_ended_is_an_error<D: Ledger>(database: &D) {
    create(database).await;
    let pool = database.pool(1).await;
    for by_hand in ["ROLLBACK", "COMMIT"] {
        let answer: Result<(), Failure> = in_transaction(&pool, async |mut tx| {
            add::<D>(&mut tx, by_hand, 1).await?;
            Ok(D::execute_on(&mut tx, by_hand).await?)
        })
        .await;
        let why = answer.expect_err("there was nothing to commit");
        assert!(TransactionError::find(&why).is_some_and(TransactionError::is_ended), "{by_hand}: {why}");
    }
    assert_eq!((entries(database, "ROLLBACK").await, entries(database, "COMMIT").await), (0, 1));
}

async fn an_error_that_ends_nothing_may_be_swallowed<D: Ledger>(database: &D) {
    create(database).await;
    let pool = database.pool(1).await;
    let done = in_transaction(&pool, async |mut tx| {
        add::<D>(&mut tx, "kept", 1).await?;
        D::execute_on(&mut tx, "SAVEPOINT mine").await?;
        let nonsense = D::execute_on(&mut tx, "SELECT nonsense FROM entries").await;
        D::execute_on(&mut tx, "ROLLBACK TO SAVEPOINT mine").await?;
        assert!(nonsense.is_err());
        Ok::<_, Failure>(())
    });
    done.await.expect("a commit");
    assert_eq!(entries(database, "kept").await, 1);
}

async fn a_database_that_is_away_is_told<D: Ledger>(database: &D) {
    let pool =
        PoolOptions::<D::Sqlx>::new().acquire_timeout(Duration::from_millis(200)).connect_lazy_with(database.nowhere());
    let runs = AtomicU32::new(0);
    let answer: Result<(), Failure> = in_transaction(&pool, async |_tx| {
        runs.fetch_add(1, Ordering::Relaxed);
        Ok(())
    })
    .await;
    let why = answer.expect_err("nobody is there");
    let why = TransactionError::find(&why).unwrap_or_else(|| panic!("{why:?}"));
    assert!(why.is_away() && !why.is_ambiguous(), "{why}");
    assert_eq!(runs.into_inner(), 0);
}

async fn a_pool_that_gives_no_connection_is_told<D: Ledger>(database: &D) {
    let pool = PoolOptions::<D::Sqlx>::new()
        .max_connections(1)
        .acquire_timeout(Duration::from_secs(1))
        .connect_lazy_with(database.connect_options());
    // A busy machine may take longer to connect.
    let _held = loop {
        if let Ok(connection) = pool.acquire().await {
            break connection;
        }
    };
    let answer: Result<(), sqlx::Error> = in_transaction(&pool, async |_tx| Ok(())).await;
    let why = answer.expect_err("there is no other");
    assert!(TransactionError::find(&why).is_some_and(TransactionError::is_away), "{why}");
}

async fn what_the_database_refuses_at_the_commit_stays_its_own_error<D: Ledger>(database: &D) {
    let Some(table) = D::REFUSES_AT_COMMIT else { return };
    database.execute(table).await;
    let pool = database.pool(1).await;
    let answer: Result<(), sqlx::Error> =
        in_transaction(&pool, async |mut tx| D::execute_on(&mut tx, "INSERT INTO children VALUES (1)").await).await;
    let error = answer.expect_err("it has no parent");
    assert!(error.as_database_error().is_some_and(DatabaseError::is_foreign_key_violation), "{error:?}");
    assert!(TransactionError::find(&error).is_none());
}
