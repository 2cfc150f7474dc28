//! Several writers, connections that are taken, calls that are dropped, and other runtimes.
#![cfg(feature = "sqlite")]

mod common;

use std::time::Duration;

use common::{Folder, HOUR, acquire, finish, key, outcome, request};
use idem_core::{ClaimDecision, ClaimRequest, Origin, Store};
use idem_sqlx::SqliteStore;
use sqlx::sqlite::SqlitePoolOptions;
use tokio::task::JoinSet;

/// Stands for "it hangs".
const FOREVER: Duration = Duration::from_mins(1);

#[tokio::test(flavor = "multi_thread")]
async fn sqlite_busy_and_begin_immediate() {
    let folder = Folder::new();
    let patient = folder.store().await;
    let hasty = SqliteStore::new(folder.pool(2, Duration::from_millis(20)).await);
    let other = folder.pool(1, HOUR).await;

    let writer = other.begin_with("BEGIN IMMEDIATE").await.expect("the lock of the writer");
    let error = hasty.claim(&request(&key("hasty"))).await.expect_err("the database is locked");
    assert!(error.is_retryable(), "{error:?}");
    let waiting = tokio::spawn(async move { acquire(&patient, &request(&key("patient"))).await });
    writer.commit().await.expect("nothing to write");

    assert_eq!(waiting.await.expect("no panic").attempt, 1);
    assert_eq!(acquire(&hasty, &request(&key("hasty"))).await.attempt, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_of_many_callers_acquires_whatever_pool_they_have() {
    let folder = Folder::new();
    let stores = [folder.store().await, folder.store().await];
    for round in 0..20 {
        let wanted = key(&round);
        let mut callers = JoinSet::new();
        for caller in 0..32 {
            let (store, request) = (stores[caller % 2].clone(), request(&wanted));
            callers.spawn(async move { store.claim(&request).await.expect("an answer") });
        }
        let answers = callers.join_all().await;
        let acquired = answers.iter().filter(|answer| matches!(answer, ClaimDecision::Acquired(_))).count();
        let waiting = answers.iter().filter(|answer| matches!(answer, ClaimDecision::InProgress { .. })).count();
        assert_eq!((acquired, waiting), (1, 31));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_of_many_callers_takes_a_lapsed_claim_over() {
    let folder = Folder::new();
    let stores = [folder.store().await, folder.store().await];
    for round in 0..20 {
        let wanted = key(&round);
        let lapsed = acquire(&stores[0], &ClaimRequest { lease: Duration::ZERO, ..request(&wanted) }).await;
        let mut callers = JoinSet::new();
        for caller in 0..32 {
            let (store, request) = (stores[caller % 2].clone(), request(&wanted));
            callers.spawn(async move { store.claim(&request).await.expect("an answer") });
        }
        let taken: Vec<_> = callers
            .join_all()
            .await
            .into_iter()
            .filter_map(|answer| match answer {
                ClaimDecision::Acquired(claim) => Some(claim),
                _ => None,
            })
            .collect();
        assert_eq!(taken.len(), 1);
        assert_eq!((taken[0].origin, taken[0].attempt), (Origin::Takeover, 2));
        assert!(taken[0].fence > lapsed.fence);
        let zombie = stores[1].complete(&lapsed, &outcome("1"), HOUR).await.expect_err("it was taken over");
        assert!(zombie.is_claim_lost());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn pool_exhaustion_is_typed_and_bounded() {
    let folder = Folder::new();
    let options = folder.store().await.pool().connect_options().as_ref().clone();
    let pool = SqlitePoolOptions::new().max_connections(1).acquire_timeout(Duration::from_millis(100));
    let store = SqliteStore::new(pool.connect_with(options).await.expect("a pool"));
    let held = acquire(&store, &request(&key("held"))).await;

    let connection = store.pool().acquire().await.expect("the only connection");
    let mut callers = JoinSet::new();
    for caller in 0..16 {
        let (store, held) = (store.clone(), held.clone());
        callers.spawn(async move {
            match caller % 2 {
                0 => store.claim(&request(&key(&caller))).await.map(drop),
                _ => store.extend(&held, HOUR).await,
            }
        });
    }
    let answers = tokio::time::timeout(FOREVER, callers.join_all()).await.expect("an answer of each");
    for answer in answers {
        assert!(answer.expect_err("no connection was free").is_retryable());
    }
    drop(connection);
    store.complete(&held, &outcome("1"), HOUR).await.expect("the claim is still held");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_that_is_dropped_leaves_the_pool_and_the_records_sane() {
    let folder = Folder::new();
    let store = folder.store().await;
    let mut abandoned = 0;
    for number in 0..300_u64 {
        let request = request(&key(&number));
        let patience = Duration::from_micros(number * 7);
        abandoned += u32::from(tokio::time::timeout(patience, store.claim(&request)).await.is_err());

        // Whatever the dropped call did, the same request finds it.
        let claim = acquire(&store, &request).await;
        assert_eq!(claim.attempt, 1);
        let _ = tokio::time::timeout(patience, store.complete(&claim, &outcome("1"), HOUR)).await;
        store.complete(&claim, &outcome("1"), HOUR).await.expect("the claim is held, or completed");
    }
    assert!(abandoned > 0);

    let most = store.pool().options().get_max_connections();
    let mut connections = Vec::new();
    for _ in 0..most {
        connections.push(store.pool().acquire().await.expect("no connection was lost"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn calls_may_come_from_a_runtime_that_ends_before_the_pool() {
    let folder = Folder::new();
    let store = SqliteStore::new(folder.pool(1, HOUR).await);
    store.migrate().await.expect("a new database");
    for round in 0..10 {
        let held = acquire(&store, &request(&key(&round))).await;
        let (keeper, claim) = (store.clone(), held.clone());
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a runtime");
            runtime.block_on(async { keeper.extend(&claim, HOUR).await.expect("the claim is held") });
        })
        .join()
        .expect("no panic");
        store.complete(&held, &outcome("1"), HOUR).await.expect("the claim is held");
    }
    finish(&store, &key("after"), "1").await;
}
