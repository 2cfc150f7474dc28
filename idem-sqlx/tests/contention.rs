//! Several writers, connections that are taken, calls that are dropped and duplicates that wait.
#![cfg(any(feature = "sqlite", feature = "postgres", feature = "mysql"))]

mod common;

use std::error::Error;
use std::future::poll_fn;
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use common::{HOUR, TestDatabase, acquire, key, outcome, request};
use idem_core::contract::{Faulty, Method};
use idem_core::{Answer, Claim, ClaimDecision, ClaimRequest, InFlight, Operation, Origin, Store};
use sqlx::pool::PoolOptions;
use tokio::sync::Notify;
use tokio::task::JoinSet;

type Failure = Box<dyn Error + Send + Sync>;

/// Stands for "it hangs".
const FOREVER: Duration = Duration::from_mins(1);

common::on_each_database! {
    one_of_many_callers_acquires_whatever_pool_they_have
    one_of_many_callers_takes_a_lapsed_claim_over
    pool_exhaustion_is_typed_and_bounded
    duplicates_that_wait_outnumber_the_connections
    a_call_that_is_dropped_leaves_the_pool_and_the_records_sane
}

async fn one_of_many_callers_acquires_whatever_pool_they_have<D: TestDatabase>(database: &D) {
    let stores = [database.store().await, database.store().await];
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

async fn one_of_many_callers_takes_a_lapsed_claim_over<D: TestDatabase>(database: &D) {
    let stores = [database.store().await, database.store().await];
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

async fn pool_exhaustion_is_typed_and_bounded<D: TestDatabase>(database: &D) {
    let pool = PoolOptions::new().max_connections(1).acquire_timeout(Duration::from_secs(2));
    let store = D::store_on(pool.connect_with(database.connect_options()).await.expect("a pool"));
    let held = acquire(&store, &request(&key("held"))).await;

    let connection = D::pool_of(&store).acquire().await.expect("the only connection");
    let (mut claims, mut completions) = (JoinSet::new(), JoinSet::new());
    for caller in 0..8 {
        let claiming = store.clone();
        claims.spawn(async move { claiming.claim(&request(&key(&caller))).await });
        let (completing, held) = (store.clone(), held.clone());
        completions.spawn(async move { completed_at_last(&completing, &held).await });
    }
    let answers = tokio::time::timeout(FOREVER, claims.join_all()).await.expect("an answer of each");
    for answer in answers {
        let error = answer.expect_err("the only connection is taken");
        assert!(error.is_retryable() && !error.is_ambiguous(), "{error:?}");
        assert!(error.to_string().contains("max_connections"), "{error}");
    }
    // Whoever holds a claim has another connection.
    tokio::time::timeout(FOREVER, completions.join_all()).await.expect("each is stored");
    drop(connection);
    store.complete(&held, &outcome("1"), HOUR).await.expect("it was completed by this claim");
}

/// Completes as the engine does: again, while the store says that it is worth it.
async fn completed_at_last(store: &impl Store, held: &Claim) {
    while let Err(error) = store.complete(held, &outcome("1"), HOUR).await {
        assert!(error.is_retryable(), "{error:?}");
    }
}

/// Four connections, one holder whose body uses one as well, and 64 who wait for its outcome (H07).
async fn duplicates_that_wait_outnumber_the_connections<D: TestDatabase>(database: &D) {
    let store = database.store().await;
    let counted = Faulty::new(Arc::new(store.clone()));
    let (running, ended) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let order = || Operation::new("order", "a").in_flight(InFlight::Wait(FOREVER));
    let holder = tokio::spawn({
        let (store, counted) = (store.clone(), Arc::clone(&counted));
        let (running, ended) = (Arc::clone(&running), Arc::clone(&ended));
        async move {
            let body = async |_| {
                running.notify_one();
                ended.notified().await;
                let _own = D::pool_of(&store).acquire().await?;
                Ok::<_, Failure>(42)
            };
            order().run(&counted, body).await
        }
    });
    running.notified().await;

    let mut waiters = JoinSet::new();
    for _ in 0..64 {
        let counted = Arc::clone(&counted);
        waiters.spawn(async move { order().run(&counted, async |_| Ok::<_, Failure>(0)).await });
    }
    // Each has asked, and most have asked again.
    counted.called(Method::Claim, 150).await;
    let mut connections = Vec::new();
    for _ in 0..4 {
        connections.push(D::pool_of(&store).acquire().await.expect("no waiter keeps a connection"));
    }
    drop(connections);
    ended.notify_one();

    assert_eq!(holder.await.expect("no panic").expect("it ran"), Answer::Executed(42));
    let answers = tokio::time::timeout(FOREVER, waiters.join_all()).await.expect("nobody starves");
    for answer in answers {
        assert_eq!(answer.expect("there is an outcome"), Answer::Replayed(42));
    }
}

async fn a_call_that_is_dropped_leaves_the_pool_and_the_records_sane<D: TestDatabase>(database: &D) {
    let store = database.store().await;
    let mut dropped = 0;
    for number in 0..300_u64 {
        let request = request(&key(&number));
        let most = number % 12;
        dropped += u32::from(!polled(most, store.claim(&request)).await);

        // Whatever the dropped call did, the same request finds it.
        let claim = acquire(&store, &request).await;
        assert_eq!(claim.attempt, 1);
        polled(most, store.complete(&claim, &outcome("1"), HOUR)).await;
        store.complete(&claim, &outcome("1"), HOUR).await.expect("the claim is held, or completed");
    }
    assert!(dropped > 0);

    let most = D::pool_of(&store).options().get_max_connections();
    let mut connections = Vec::new();
    for _ in 0..most {
        connections.push(D::pool_of(&store).acquire().await.expect("no connection was lost"));
    }
}

/// Polls a call so often at most, each time when it asks for it, and drops it; whether it had ended by then.
async fn polled(most: u64, call: impl Future) -> bool {
    let mut call = pin!(call);
    let mut polls = 0;
    poll_fn(|context| {
        if polls == most {
            return Poll::Ready(false);
        }
        polls += 1;
        call.as_mut().poll(context).map(|_| true)
    })
    .await
}
