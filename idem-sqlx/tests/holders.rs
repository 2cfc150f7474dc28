//! Whoever holds a claim can renew and end it, whatever new claims and other bodies want of the pool.
#![cfg(any(feature = "sqlite", feature = "postgres", feature = "mysql"))]

mod common;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use common::{HOUR, TestDatabase, acquire, key, outcome, request};
use idem_core::{Answer, Claim, ClaimDecision, ClaimRequest, Error, Extension, InFlight, Operation, State, Store};
use sqlx::pool::PoolOptions;
use tokio::task::JoinSet;

/// Stands for "it hangs".
const FOREVER: Duration = Duration::from_mins(1);

common::on_each_database! {
    a_holder_does_not_wait_for_the_claims_of_others
    a_connection_that_is_opened_slowly_is_there_for_the_next_try_of_a_holder
    a_pool_whose_only_connection_a_body_holds_renews_its_lease
    every_claim_of_many_is_renewed_and_a_lost_one_is_told_so
    a_renewal_of_many_leaves_out_what_another_transaction_has_locked
    a_holder_writes_after_the_pool_was_closed
    a_body_that_closes_the_pool_of_its_store_does_not_run_again
}

/// A store on a pool of one connection.
async fn narrow<D: TestDatabase>(database: &D) -> D::Store {
    let pool = PoolOptions::new().max_connections(1).test_before_acquire(false).acquire_timeout(FOREVER);
    let store = D::store_on(pool.connect_with(database.connect_options()).await.expect("a pool"));
    D::time_limited(store, FOREVER)
}

async fn in_time<T>(call: impl Future<Output = T>) -> T {
    tokio::time::timeout(FOREVER / 2, call).await.expect("it does not wait for the others")
}

async fn a_holder_does_not_wait_for_the_claims_of_others<D: TestDatabase>(database: &D) {
    let store = narrow(database).await;
    let [renewed, completed, released, abandoned] = ["renewed", "completed", "released", "abandoned"].map(key);
    let mut claims = Vec::new();
    for key in [&renewed, &completed, &released, &abandoned] {
        claims.push(acquire(&store, &request(key)).await);
    }
    let connection = D::pool_of(&store).acquire().await.expect("the only connection");
    let mut others = JoinSet::new();
    for other in 0..100 {
        let store = store.clone();
        others.spawn(async move { store.claim(&request(&key(&other))).await });
    }
    tokio::task::yield_now().await;

    in_time(store.extend(&claims[0], Duration::from_millis(300))).await.expect("the claim is held");
    in_time(store.complete(&claims[1], &outcome("1"), HOUR)).await.expect("the claim is held");
    in_time(store.release(&claims[2])).await.expect("the claim is held");
    in_time(store.abandon(&claims[3])).await.expect("the claim is held");
    drop(connection);
    for answer in in_time(others.join_all()).await {
        assert!(matches!(answer, Ok(ClaimDecision::Acquired(_))), "{answer:?}");
    }
}

/// A server that is busy takes longer to connect to than the application lets its callers wait.
async fn a_connection_that_is_opened_slowly_is_there_for_the_next_try_of_a_holder<D: TestDatabase>(database: &D) {
    const IMPATIENT: Duration = Duration::from_millis(100);
    let is_slow = Arc::new(AtomicBool::new(false));
    let pool = PoolOptions::new().max_connections(1).acquire_timeout(IMPATIENT).after_connect({
        let is_slow = Arc::clone(&is_slow);
        move |_, _| {
            let pause = if is_slow.load(Ordering::SeqCst) { IMPATIENT * 10 } else { Duration::ZERO };
            Box::pin(async move {
                tokio::time::sleep(pause).await;
                Ok(())
            })
        }
    });
    let store = D::store_on(pool.connect_lazy_with(database.connect_options()));
    while D::pool_of(&store).acquire().await.is_err() {}
    let claim = acquire(&store, &request(&key("slow"))).await;

    let connection = D::pool_of(&store).acquire().await.expect("the only connection");
    is_slow.store(true, Ordering::SeqCst);
    let completed = async {
        while let Err(error) = store.complete(&claim, &outcome("1"), HOUR).await {
            assert!(error.is_retryable(), "{error:?}");
        }
    };
    in_time(completed).await;
    drop(connection);
}

async fn a_pool_whose_only_connection_a_body_holds_renews_its_lease<D: TestDatabase>(database: &D) {
    // Long enough for a stall of the machine between two renewals.
    const LEASE: Duration = Duration::from_secs(3);

    let (store, elsewhere) = (narrow(database).await, database.store().await);
    let wanted = key("order");
    let body = async |_| {
        let _own = D::pool_of(&store).acquire().await.expect("the only connection");
        let mut others = JoinSet::new();
        for other in 0..100 {
            let store = store.clone();
            others.spawn(async move { store.claim(&request(&key(&other))).await });
        }
        let claimed = elsewhere.lookup(&wanted).await.expect("an answer").expect("a record");
        loop {
            let seen = elsewhere.lookup(&wanted).await.expect("an answer").expect("a record");
            assert!(
                matches!(seen.record.state, State::Running { lease_until, .. } if seen.now < lease_until),
                "{seen:?}"
            );
            if seen.now > claimed.now + 3 * LEASE {
                others.abort_all();
                return Ok::<_, Error>(1);
            }
            tokio::time::sleep(LEASE / 20).await;
        }
    };
    let answer = in_time(Operation::new("payments.charge", "order").lease(LEASE).run(&store, body)).await;
    assert!(answer.is_ok(), "{answer:?}");
}

fn extension(claim: &Claim) -> Extension {
    Extension { claim: claim.clone(), lease: HOUR * 2 }
}

async fn every_claim_of_many_is_renewed_and_a_lost_one_is_told_so<D: TestDatabase>(database: &D) {
    let store = database.store().await;
    let mut claims = Vec::new();
    for name in ["plain", "it's", r"\", "\"quoted\"", "🦀", "ünï", "?1", "[]"] {
        claims.push(acquire(&store, &ClaimRequest { lease: Duration::ZERO, ..request(&key(name)) }).await);
    }
    for number in 0..1_200 {
        claims.push(acquire(&store, &ClaimRequest { lease: Duration::ZERO, ..request(&key(&number)) }).await);
    }
    let (lost, ended) = (3, 700);
    acquire(&store, &request(&claims[lost].key)).await;
    store.complete(&claims[ended], &outcome("1"), HOUR).await.expect("the claim is held");

    let mut extensions: Vec<_> = claims.iter().map(extension).collect();
    extensions[5].lease = HOUR;
    let answers = store.extend_all(&extensions).await;
    for (place, answer) in answers.iter().enumerate() {
        if place == lost || place == ended {
            assert!(answer.as_ref().is_err_and(idem_core::StoreError::is_claim_lost), "{place}: {answer:?}");
            continue;
        }
        assert!(answer.is_ok(), "{place}: {answer:?}");
        let seen = store.lookup(&claims[place].key).await.expect("an answer").expect("a record");
        let lease = extensions[place].lease;
        let State::Running { lease_until, .. } = seen.record.state else { panic!("{seen:?}") };
        assert!(lease_until <= seen.now + lease && lease_until > seen.now + lease / 2, "{place}: {seen:?}");
    }
    assert!(store.extend_all(&[]).await.is_empty());
}

async fn a_renewal_of_many_leaves_out_what_another_transaction_has_locked<D: TestDatabase>(database: &D) {
    // There it is the database that is locked.
    if D::NAME == "sqlite" {
        return;
    }
    let store = database.store().await;
    let mut claims = Vec::new();
    for number in 0..20 {
        claims.push(acquire(&store, &request(&key(&number))).await);
    }
    let other = database.pool(1).await;
    let mut locked = other.begin().await.expect("a transaction");
    let lock =
        format!("UPDATE idem_records SET attempts = 2 WHERE scope = 'payments.charge' AND {0}key{0} = '7'", D::QUOTE);
    D::execute_on(&mut locked, &lock).await.expect("its lock");

    let extensions: Vec<_> = claims.iter().map(extension).collect();
    let answers = in_time(store.extend_all(&extensions)).await;
    for (place, answer) in answers.into_iter().enumerate() {
        if place == 7 {
            let error = answer.expect_err("somebody has locked it");
            assert!(error.is_retryable() && !error.is_ambiguous(), "{error:?}");
        } else {
            answer.expect("the claim is held");
        }
    }
    locked.rollback().await.expect("rolled back");
    in_time(store.extend_all(&extensions)).await.into_iter().for_each(|answer| answer.expect("the claim is held"));
}

/// What holders owe is written, and nobody else gets a connection.
async fn a_holder_writes_after_the_pool_was_closed<D: TestDatabase>(database: &D) {
    let (store, elsewhere) = (narrow(database).await, database.store().await);
    let [long, short, completed, released, abandoned] =
        ["long", "short", "completed", "released", "abandoned"].map(key);
    let mut claims = Vec::new();
    for key in [&long, &short, &completed, &released, &abandoned] {
        claims.push(acquire(&store, &request(key)).await);
    }
    // One of the two connections beside the pool is there already.
    store.extend(&claims[0], HOUR).await.expect("the claim is held");
    in_time(D::pool_of(&store).close()).await;

    in_time(store.extend(&claims[0], HOUR * 2)).await.expect("the claim is held");
    in_time(store.extend(&claims[1], Duration::from_millis(300))).await.expect("the claim is held");
    let answers = in_time(store.extend_all(&[extension(&claims[0]), extension(&claims[1])])).await;
    assert!(answers.iter().all(Result::is_ok), "{answers:?}");
    in_time(store.complete(&claims[2], &outcome("1"), HOUR)).await.expect("the claim is held");
    in_time(store.release(&claims[3])).await.expect("the claim is held");
    in_time(store.abandon(&claims[4])).await.expect("the claim is held");
    let lost = in_time(store.complete(&claims[3], &outcome("1"), HOUR)).await;
    assert!(lost.is_err_and(|error| error.is_claim_lost()));
    for (key, state) in
        [(&long, "running"), (&completed, "completed"), (&released, "released"), (&abandoned, "running")]
    {
        let seen = elsewhere.lookup(key).await.expect("an answer").expect("a record");
        assert_eq!(seen.record.state.name(), state);
    }
    let claimed = in_time(store.claim(&request(&key("another")))).await;
    assert!(claimed.is_err_and(|error| error.is_retryable()), "the pool is closed");
}

async fn a_body_that_closes_the_pool_of_its_store_does_not_run_again<D: TestDatabase>(database: &D) {
    let (store, elsewhere) = (narrow(database).await, database.store().await);
    let call = || Operation::new("payments.charge", "order").lease(HOUR).settle_within(Duration::ZERO);
    let body = async |_| {
        D::pool_of(&store).close().await;
        Ok::<_, Error>(1)
    };
    assert!(!in_time(call().run(&store, body)).await.expect("it ran").is_replayed());
    let waits = call().in_flight(InFlight::Wait(FOREVER / 2));
    let answer = in_time(waits.run(&elsewhere, async |_| Ok::<_, Error>(2))).await;
    assert_eq!(answer.expect("the outcome is stored"), Answer::Replayed(1));
}
