//! The same answers whatever isolation the connections of the application have, and no deadlock that anybody sees.
#![cfg(feature = "mysql")]

mod common;
mod mysql_common;

use std::sync::Arc;
use std::time::Duration;

use common::mysql::Database;
use common::{HOUR, TestDatabase, acquire, key, outcome, request};
use idem_core::{Answer, ClaimDecision, ClaimId, ClaimRequest, Error, Operation, Store as _, StoreError};
use idem_sqlx::MySqlStore;
use mysql_common::{ISOLATIONS, blocked, isolated};
use tokio::sync::Barrier;
use tokio::task::JoinSet;

const CALLERS: usize = 32;

async fn two(database: &Database, isolation: &str) -> [MySqlStore; 2] {
    let store = async || MySqlStore::new(isolated(database, 16, isolation).await);
    [store().await, store().await]
}

/// All claims at once, from two pools.
async fn race(stores: &[MySqlStore; 2], claims: Vec<ClaimRequest>) -> Vec<Result<ClaimDecision, StoreError>> {
    let together = Arc::new(Barrier::new(claims.len()));
    let mut callers = JoinSet::new();
    for (caller, request) in claims.into_iter().enumerate() {
        let (store, together) = (stores[caller % 2].clone(), Arc::clone(&together));
        callers.spawn(async move {
            together.wait().await;
            store.claim(&request).await
        });
    }
    callers.join_all().await
}

async fn assert_one_acquires(stores: &[MySqlStore; 2], claim: &ClaimRequest, isolation: &str) {
    let claims = (0..CALLERS).map(|_| ClaimRequest { claim_id: ClaimId::random(), ..claim.clone() }).collect();
    let answers = race(stores, claims).await;
    let acquired = answers.iter().filter(|answer| matches!(answer, Ok(ClaimDecision::Acquired(_)))).count();
    let waiting = answers.iter().filter(|answer| matches!(answer, Ok(ClaimDecision::InProgress { .. }))).count();
    assert_eq!((acquired, waiting), (1, CALLERS - 1), "{isolation}: {answers:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs a server: cargo xtask test"]
async fn of_many_callers_one_acquires_whether_the_key_is_free_lapsed_released_or_expired() {
    let database = Database::migrated().await;
    for isolation in ISOLATIONS {
        let stores = two(&database, isolation).await;
        for round in 0..6 {
            let free = request(&key(&(isolation, "free", round)));
            assert_one_acquires(&stores, &free, isolation).await;

            let lapsed = request(&key(&(isolation, "lapsed", round)));
            acquire(&stores[0], &ClaimRequest { lease: Duration::ZERO, ..lapsed.clone() }).await;
            assert_one_acquires(&stores, &lapsed, isolation).await;

            let released = request(&key(&(isolation, "released", round)));
            let claim = acquire(&stores[0], &released).await;
            stores[0].release(&claim).await.expect("the claim is held");
            assert_one_acquires(&stores, &released, isolation).await;

            let expired = request(&key(&(isolation, "expired", round)));
            let claim = acquire(&stores[0], &expired).await;
            stores[0].complete(&claim, &outcome("1"), Duration::ZERO).await.expect("the claim is held");
            assert_one_acquires(&stores, &expired, isolation).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs a server: cargo xtask test"]
async fn mysql_gap_lock_no_deadlock_storm() {
    let database = Database::migrated().await;
    for isolation in ISOLATIONS {
        let stores = two(&database, isolation).await;
        for round in 0..6 {
            let claims = (0..64).map(|number| request(&key(&(isolation, round, number)))).collect();
            for answer in race(&stores, claims).await {
                let Ok(ClaimDecision::Acquired(claim)) = &answer else { panic!("{isolation}: {answer:?}") };
                stores[0].complete(claim, &outcome("1"), HOUR).await.expect("the claim is held");
            }
        }
    }
}

/// Behind a leader that rolls back, InnoDB gives the key to one of those who wait, and a deadlock to another.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs a server: cargo xtask test"]
async fn claims_behind_a_transaction_that_rolls_back_see_no_deadlock() {
    let database = Database::migrated().await;
    for isolation in ISOLATIONS {
        let stores = two(&database, isolation).await;
        for round in 0..6 {
            let mut tx = stores[0].pool().begin().await.expect("a transaction");
            let operation = Operation::new("payments.charge", &(isolation, round));
            let led = operation.run_in(&stores[0], &mut tx, async |_tx, _| Ok::<_, Error>(1)).await;
            assert!(matches!(led, Ok(Answer::Executed(1))), "{led:?}");

            let followers = stores.clone();
            let duplicates = tokio::spawn(async move {
                assert_one_acquires(&followers, &request(&key(&(isolation, round))), isolation).await;
            });
            blocked(&database).await;
            tx.rollback().await.expect("rolled back");
            duplicates.await.expect("one acquires");
        }
    }
}
