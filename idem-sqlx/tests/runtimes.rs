//! A connection belongs to the runtime that opened it, and the engine's own thread has another one.
#![cfg(any(feature = "sqlite", feature = "postgres", feature = "mysql"))]

mod common;

use std::error::Error;
use std::sync::{Arc, mpsc};
use std::time::Duration;

use common::{HOUR, TestDatabase, acquire, finish, key, outcome, request};
use idem_core::{Answer, Execution, Key, Operation, Scope, State, Store};
use sqlx::pool::{Pool, PoolOptions};
use tokio::runtime::{Builder, Runtime};
use tokio::sync::Notify;

type Failure = Box<dyn Error + Send + Sync>;

const LEASE: Duration = Duration::from_secs(2);
const CONNECTIONS: u32 = 3;

common::on_each_database! {
    a_body_that_blocks_the_only_runtime_of_the_pool_keeps_its_lease
    a_pool_whose_runtime_has_ended_opens_new_connections
    calls_may_come_from_a_runtime_that_ends_before_the_pool
}

/// No connection of the pool makes any progress while the body runs, nor can a new one be opened by its runtime.
async fn a_body_that_blocks_the_only_runtime_of_the_pool_keeps_its_lease<D: TestDatabase>(database: &D) {
    let (elsewhere, options) = (database.store().await, database.connect_options());
    let running = Arc::new(Notify::new());
    let (end, ended) = mpsc::channel();
    let caller = std::thread::spawn({
        let running = Arc::clone(&running);
        move || {
            current_thread().block_on(async {
                let store = D::store_on(all_open::<D>(options).await);
                let body = async |execution: Execution| {
                    running.notify_one();
                    ended.recv()?;
                    Ok::<_, Failure>(execution.is_lost())
                };
                Operation::new("order", "a").lease(LEASE).run(&store, body).await
            })
        }
    });
    running.notified().await;

    let wanted = Key::new(Scope::from_static("order"), "a").expect("a key");
    let observe = async || elsewhere.lookup(&wanted).await.expect("an answer").expect("a record");
    let claimed_at = observe().await.record.created_at;
    loop {
        let observed = observe().await;
        let is_live = matches!(observed.record.state, State::Running { lease_until, .. } if observed.now < lease_until);
        if !is_live || observed.now > claimed_at + 3 * LEASE {
            end.send(()).expect("the body waits");
            assert!(is_live, "{observed:?}, claimed at {claimed_at:?}");
            break;
        }
        tokio::time::sleep(LEASE / 20).await;
    }
    let answer = tokio::task::spawn_blocking(|| caller.join()).await.expect("no panic").expect("no panic");
    assert_eq!(answer.expect("the lease was kept"), Answer::Executed(false));
}

async fn a_pool_whose_runtime_has_ended_opens_new_connections<D: TestDatabase>(database: &D) {
    let options = database.connect_options();
    let opened = std::thread::spawn(|| {
        current_thread().block_on(async {
            let store = D::store_on(all_open::<D>(options).await);
            let claim = acquire(&store, &request(&key("k"))).await;
            (store, claim)
        })
    });
    let (store, claim) = tokio::task::spawn_blocking(|| opened.join()).await.expect("no panic").expect("no panic");

    // Each of its connections fails once, with an error that says to try again.
    let mut failures = 0;
    for _ in 0..2 * CONNECTIONS {
        if let Err(error) = store.complete(&claim, &outcome("1"), HOUR).await {
            assert!(error.is_retryable(), "{error:?}");
            failures += 1;
        }
    }
    assert!(failures <= CONNECTIONS, "{failures}");
    finish(&store, &key("after"), "1").await;
}

async fn calls_may_come_from_a_runtime_that_ends_before_the_pool<D: TestDatabase>(database: &D) {
    let store = D::store_on(database.pool(1).await);
    for round in 0..10 {
        let held = acquire(&store, &request(&key(&round))).await;
        let (keeper, claim) = (store.clone(), held.clone());
        let thread = std::thread::spawn(move || {
            current_thread().block_on(async { keeper.extend(&claim, HOUR).await.expect("the claim is held") });
        });
        tokio::task::spawn_blocking(|| thread.join()).await.expect("no panic").expect("no panic");
        store.complete(&held, &outcome("1"), HOUR).await.expect("the claim is held");
    }
    finish(&store, &key("after"), "1").await;
}

fn current_thread() -> Runtime {
    Builder::new_current_thread().enable_all().build().expect("a runtime")
}

/// A pool with all its connections open.
async fn all_open<D: TestDatabase>(options: common::ConnectOptions<D>) -> Pool<D::Sqlx> {
    let pool = PoolOptions::new()
        .max_connections(CONNECTIONS)
        .min_connections(CONNECTIONS)
        .test_before_acquire(false)
        .connect_with(options)
        .await
        .expect("a pool");
    let mut connections = Vec::new();
    for _ in 0..CONNECTIONS {
        connections.push(pool.acquire().await.expect("a connection"));
    }
    drop(connections);
    // They go back to the pool in tasks of their own.
    while pool.num_idle() < CONNECTIONS as usize {
        tokio::task::yield_now().await;
    }
    pool
}
