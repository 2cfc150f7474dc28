//! A transaction that somebody left open on a connection of the pool, as sqlx does where a call of `begin` is dropped: what
//! is acknowledged there is kept.

use idem_core::{ClaimDecision, Store as _};
use idem_sqlx::in_transaction;
use sqlx::Pool;

use crate::common::{HOUR, TestDatabase, acquire, key, outcome, request};
use crate::databases::Ledger;
use crate::ledger::{Failure, add, create, entries};

/// ```text
/// // Input:
/// on_each_server! { it_works }
/// // Output: `on_each_database!` without SQLite, where sqlx leaves no transaction open
/// ```
macro_rules! on_each_server {
    ($($case:ident)*) => {
        #[cfg(feature = "postgres")]
        mod postgres {
            use crate::common::TestDatabase as _;

            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            #[ignore = "needs a server: cargo xtask test"]
            async fn $case() {
                super::$case(&crate::common::postgres::Schema::migrated().await).await;
            })*
        }

        #[cfg(feature = "mysql")]
        mod mysql {
            use crate::common::TestDatabase as _;

            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            #[ignore = "needs a server: cargo xtask test"]
            async fn $case() {
                super::$case(&crate::common::mysql::Database::migrated().await).await;
            })*
        }
    };
}

on_each_server! {
    every_write_of_a_store_is_kept
    tables_that_are_made_are_kept
    a_transaction_begins_there_all_the_same
}

/// Leaves a transaction open on the only connection of a pool, after which somebody made an error in it if it is to have
/// failed.
async fn leave_open<D: TestDatabase>(pool: &Pool<D::Sqlx>, has_failed: bool) {
    let mut on = pool.acquire().await.expect("a connection");
    // Not every statement of a store goes through the pool, so that the one before may be open there still.
    D::execute_on(&mut on, "ROLLBACK").await.expect("none, or one");
    D::execute_on(&mut on, "BEGIN").await.expect("a transaction");
    if has_failed {
        D::execute_on(&mut on, "SELECT nonsense").await.expect_err("no such column");
    }
}

async fn every_write_of_a_store_is_kept<D: Ledger>(database: &D) {
    for has_failed in [false, true] {
        for (way, options) in database.ways_to_connect().into_iter().enumerate() {
            let pool = D::pool_with(1, options).await;
            let store = D::store_on(pool.clone());
            let [done, released, extended, issued] =
                ["done", "released", "extended", "issued"].map(|name| key(&(u8::from(has_failed), way, name)));

            leave_open::<D>(&pool, has_failed).await;
            let claim = acquire(&store, &request(&done)).await;
            leave_open::<D>(&pool, has_failed).await;
            store.complete(&claim, &outcome("1"), HOUR).await.expect("the claim is held");
            leave_open::<D>(&pool, has_failed).await;
            assert_eq!(store.claim(&request(&done)).await.expect("an answer"), ClaimDecision::Replay(outcome("1")));

            let claim = acquire(&store, &request(&released)).await;
            leave_open::<D>(&pool, has_failed).await;
            store.release(&claim).await.expect("the claim is held");
            leave_open::<D>(&pool, has_failed).await;
            let claim = acquire(&store, &request(&released)).await;
            assert_eq!(claim.attempt, 2);

            let claim = acquire(&store, &request(&extended)).await;
            leave_open::<D>(&pool, has_failed).await;
            store.extend(&claim, HOUR * 2).await.expect("the claim is held");
            leave_open::<D>(&pool, has_failed).await;
            store.issue(&issued, HOUR).await.expect("an answer");
            leave_open::<D>(&pool, has_failed).await;
            assert!(store.lookup(&issued).await.expect("an answer").is_some());

            leave_open::<D>(&pool, has_failed).await;
            pool.close().await;
            let elsewhere = database.store().await;
            assert_eq!(elsewhere.claim(&request(&done)).await.expect("an answer"), ClaimDecision::Replay(outcome("1")));
            for (key, attempts) in [(&released, 2), (&extended, 1), (&issued, 0)] {
                let found = elsewhere.lookup(key).await.expect("an answer").expect("a record").record;
                assert_eq!(found.attempts, attempts, "{key:?}");
            }
        }
    }
}

async fn tables_that_are_made_are_kept<D: Ledger>(database: &D) {
    for has_failed in [false, true] {
        let pool = database.pool(1).await;
        let table = if has_failed { "after_failed" } else { "after_open" };
        let store = D::store_in(pool.clone(), table).expect("a name");
        leave_open::<D>(&pool, has_failed).await;
        D::migrate(&store).await.expect("a new table");
        pool.close().await;
        assert_eq!(database.number(&format!("SELECT count(*) FROM {table}")).await, 0);
    }
}

async fn a_transaction_begins_there_all_the_same<D: Ledger>(database: &D) {
    create(database).await;
    for (round, has_failed) in [(1, false), (2, true)] {
        let pool = database.pool(1).await;
        leave_open::<D>(&pool, has_failed).await;
        let done = in_transaction(&pool, async |mut tx| {
            add::<D>(&mut tx, "begun", 1).await?;
            Ok::<_, Failure>(())
        })
        .await;
        done.expect("a commit");
        pool.close().await;
        assert_eq!(entries(database, "begun").await, round);
    }
}
