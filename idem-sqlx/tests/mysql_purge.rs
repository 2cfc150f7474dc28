//! A purge takes what has expired, waits for nobody, and nobody waits for it.
#![cfg(feature = "mysql")]

mod common;
mod mysql_common;

use std::time::Duration;

use common::mysql::Database;
use common::{HOUR, TestDatabase, acquire, finish, key, outcome, request};
use idem_core::{ClaimDecision, ClaimRequest, Operation, Store as _};
use idem_sqlx::MySqlStore;
use mysql_common::{FOREVER, ISOLATIONS, isolated};
use tokio::task::JoinSet;

async fn expired(database: &Database, records: u32) {
    let sql = format!(
        "INSERT INTO idem_records (scope, `key`, state, fence, attempts, expires_at, purge_from, created_at, updated_at) \
         WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < {records}) \
         SELECT 'payments.charge', n, 'released', 1, 1, n, n, 1, 1 FROM n"
    );
    database.execute(&format!("SET max_recursive_iterations = 1000000; {sql}")).await;
}

async fn left(database: &Database) -> i64 {
    database.number("SELECT COUNT(*) FROM idem_records").await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs a server: cargo xtask test"]
async fn purge_batched_and_concurrent() {
    let database = Database::migrated().await;
    for isolation in ISOLATIONS {
        expired(&database, 2_000).await;
        let first = MySqlStore::new(isolated(&database, 4, isolation).await);
        assert_eq!(first.purge_expired(600).await.expect("more than a batch"), 600);
        assert_eq!(left(&database).await, 1_400);
        let mut purges = JoinSet::new();
        for _ in 0..4 {
            let store = first.clone();
            purges.spawn(async move {
                let mut removed = 0;
                for _ in 0..10 {
                    removed += store.purge_expired(100).await.expect("no deadlock");
                }
                removed
            });
        }
        let removed: u64 = purges.join_all().await.into_iter().sum();
        assert_eq!(left(&database).await + i64::try_from(removed).expect("few"), 1_400, "{isolation}");
        while first.purge_expired(100).await.expect("removed") > 0 {}
        assert_eq!(left(&database).await, 0, "{isolation}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs a server: cargo xtask test"]
async fn a_purge_skips_what_an_open_transaction_has_claimed() {
    let database = Database::migrated().await;
    for isolation in ISOLATIONS {
        let store = MySqlStore::new(isolated(&database, 4, isolation).await);
        for name in ["open", "left"] {
            let claim = acquire(&store, &request(&key(name))).await;
            store.complete(&claim, &outcome("1"), Duration::ZERO).await.expect("the claim is held");
        }
        let mut tx = store.pool().begin().await.expect("a transaction");
        let executed = Operation::new("payments.charge", "open")
            .run_in(&store, &mut tx, async |_tx, _| Ok::<_, idem_core::Error>(2));
        assert!(!executed.await.expect("the record has expired").is_replayed());

        let purged = tokio::time::timeout(FOREVER, store.purge_expired(10)).await.expect("it does not wait");
        assert_eq!(purged.expect("one is free"), 1, "{isolation}");
        tx.commit().await.expect("committed");
        assert_eq!(store.purge_expired(10).await.expect("nothing has expired"), 0);
        assert_eq!(left(&database).await, 1);
        database.execute("DELETE FROM idem_records").await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs a server: cargo xtask test"]
async fn purge_races_claim() {
    let database = Database::migrated().await;
    for isolation in ISOLATIONS {
        let store = MySqlStore::new(isolated(&database, 12, isolation).await);
        for round in 0..15 {
            let keys: Vec<_> = (0..8).map(|number| key(&(isolation, round, number))).collect();
            for key in &keys {
                let lapsed = ClaimRequest { lease: Duration::ZERO, retention: Duration::ZERO, ..request(key) };
                acquire(&store, &lapsed).await;
            }
            let mut claims = JoinSet::new();
            for key in keys {
                let (claimer, purger) = (store.clone(), store.clone());
                claims.spawn(async move { claimer.claim(&request(&key)).await });
                claims.spawn(async move {
                    purger.purge_expired(3).await.expect("no deadlock");
                    Ok(ClaimDecision::NotIssued)
                });
            }
            for claim in claims.join_all().await {
                match claim.expect("no deadlock") {
                    ClaimDecision::Acquired(claim) => {
                        store.complete(&claim, &outcome("1"), HOUR).await.expect("a claim is never lost");
                    }
                    answer => assert_eq!(answer, ClaimDecision::NotIssued, "{isolation}"),
                }
            }
            assert_eq!(store.purge_expired(100).await.expect("removed"), 0, "{isolation}");
        }
        database.execute("DELETE FROM idem_records").await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs a server: cargo xtask test"]
async fn the_fence_grows_whatever_claims_and_purges_meet() {
    let database = Database::migrated().await;
    let pools = [database.store().await, database.store().await];
    let mut callers = JoinSet::new();
    for caller in 0..8 {
        let store = pools[caller % 2].clone();
        callers.spawn(async move {
            let mut fences = Vec::new();
            let brief = |_| ClaimRequest { lease: Duration::ZERO, retention: Duration::ZERO, ..request(&key("order")) };
            for request in (0..60).map(brief) {
                match store.claim(&request).await {
                    Ok(ClaimDecision::Acquired(claim)) => fences.push(claim.fence),
                    // The lease of zero began after this caller had looked at the clock.
                    Ok(ClaimDecision::InProgress { .. }) => {}
                    Err(error) if error.is_retryable() => {}
                    answer => panic!("{answer:?}"),
                }
                store.purge_expired(10).await.expect("an answer");
            }
            assert!(fences.is_sorted_by(|one, next| one < next), "{fences:?}");
            fences
        });
    }
    let mut fences = callers.join_all().await.concat();
    let all = fences.len();
    fences.sort_unstable();
    fences.dedup();
    assert!(all > 60, "{all}");
    assert_eq!(fences.len(), all, "a fence was told twice");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs a server: cargo xtask test"]
async fn a_purge_reads_no_more_of_a_big_table_than_it_removes() {
    let database = Database::migrated().await;
    let store = MySqlStore::new(database.pool(1).await);
    expired(&database, 50).await;
    finish(&store, &key("kept"), "1").await;
    database
        .execute(
            "SET max_recursive_iterations = 1000000; \
             INSERT INTO idem_records (scope, `key`, state, fence, attempts, expires_at, purge_from, created_at, updated_at) \
             WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 20000) \
             SELECT 'live', n, 'released', 1, 1, 9000000000000000, 9000000000000000 + n, 1, 1 FROM n",
        )
        .await;
    let read = async || -> i64 {
        let sql = "SELECT CAST(SUM(VARIABLE_VALUE) AS SIGNED) FROM information_schema.session_status \
                   WHERE VARIABLE_NAME IN ('HANDLER_READ_NEXT', 'HANDLER_READ_RND_NEXT', 'HANDLER_READ_KEY')";
        sqlx::query_scalar(sql).fetch_one(store.pool()).await.expect("a number")
    };
    let before = read().await;
    assert_eq!(store.purge_expired(100).await.expect("removed"), 50);
    let rows = read().await - before;
    assert!(rows < 1_000, "{rows} rows were read");
}
