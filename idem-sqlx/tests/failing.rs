//! Servers that do not answer, that take no writes any more, or that have no room: every call ends, and says how.
#![cfg(any(feature = "sqlite", feature = "postgres", feature = "mysql"))]

mod common;

use std::time::Duration;

use common::{HOUR, TestDatabase, acquire, finish, key, outcome, request};
use idem_core::{Abandoned, ClaimDecision, ClaimRequest, Codec, Join, Outcome, OutcomeKind, State, Store};

/// Stands for "it hangs".
const FOREVER: Duration = Duration::from_mins(1);
const LIMIT: Duration = Duration::from_millis(400);

common::on_each_database! {
    a_call_ends_within_its_limit_while_the_table_is_locked
    sessions_that_take_no_writes_any_more_are_closed_and_the_call_works
    a_table_that_is_altered_under_a_running_pool_goes_on_working
    a_transaction_that_meets_an_altered_table_works_when_it_is_run_again
    the_mark_of_an_outcome_and_an_abandoned_claim_fit_every_table
    what_waits_for_an_operator_is_listed
}

async fn what_waits_for_an_operator_is_listed<D: TestDatabase>(database: &D) {
    idem_core::contract::what_waits_for_an_operator_is_listed(&database.store().await).await;
}

async fn in_time<T>(call: impl Future<Output = T>) -> T {
    tokio::time::timeout(FOREVER, call).await.expect("it ends")
}

async fn a_call_ends_within_its_limit_while_the_table_is_locked<D: TestDatabase>(database: &D) {
    let patient = database.store().await;
    let store = D::time_limited(patient.clone(), LIMIT);
    let held = acquire(&patient, &request(&key("held"))).await;
    let other = database.pool(1).await;
    let mut locking = other.acquire().await.expect("a connection");
    let (lock, unlock) = match D::NAME {
        "postgres" => ("BEGIN; LOCK TABLE idem_records", "ROLLBACK"),
        "mysql" => ("LOCK TABLES idem_records WRITE", "UNLOCK TABLES"),
        _ => ("BEGIN IMMEDIATE", "ROLLBACK"),
    };
    D::execute_on(&mut locking, lock).await.expect("the lock");
    let errors = [
        in_time(store.claim(&request(&key("new")))).await.err(),
        in_time(store.extend(&held, HOUR)).await.err(),
        in_time(store.extend_all(&[common_extension(&held), common_extension(&held)])).await.remove(0).err(),
        in_time(store.complete(&held, &outcome("1"), HOUR)).await.err(),
        in_time(store.release(&held)).await.err(),
        in_time(store.issue(&key("token"), HOUR)).await.err(),
    ];
    for (place, error) in errors.into_iter().enumerate() {
        assert!(error.as_ref().is_some_and(idem_core::StoreError::is_retryable), "{place}: {error:?}");
    }
    D::execute_on(&mut locking, unlock).await.expect("unlocked");

    // What was sent may have waited for the lock on the server, and is done now: the claim may have ended.
    in_time(patient.claim(&request(&key("another")))).await.expect("an answer");
    let most = D::pool_of(&store).options().get_max_connections();
    let mut connections = Vec::new();
    for _ in 0..most {
        connections.push(in_time(D::pool_of(&store).acquire()).await.expect("no connection was lost"));
    }
}

fn common_extension(claim: &idem_core::Claim) -> idem_core::Extension {
    idem_core::Extension { claim: claim.clone(), lease: HOUR }
}

/// As after a failover, when the sessions are still on the server that was the primary.
async fn sessions_that_take_no_writes_any_more_are_closed_and_the_call_works<D: TestDatabase>(database: &D) {
    let store = database.store().await;
    let held = acquire(&store, &request(&key("held"))).await;
    let become_readers = async || {
        let mut sessions = Vec::new();
        for _ in 0..D::pool_of(&store).options().get_max_connections() {
            sessions.push(D::pool_of(&store).acquire().await.expect("a connection"));
        }
        let statement = match D::NAME {
            "postgres" => "SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY",
            "mysql" => "SET SESSION TRANSACTION READ ONLY",
            _ => "PRAGMA query_only = ON",
        };
        for session in &mut sessions {
            D::execute_on(session, statement).await.expect("a setting");
        }
    };
    become_readers().await;
    acquire(&store, &request(&key("new"))).await;
    become_readers().await;
    store.complete(&held, &outcome("1"), HOUR).await.expect("the claim is held");
    become_readers().await;
    store.release(&acquire(&store, &request(&key("other"))).await).await.expect("the claim is held");
}

async fn a_table_that_is_altered_under_a_running_pool_goes_on_working<D: TestDatabase>(database: &D) {
    let store = D::store_on(database.pool(1).await);
    finish(&store, &key("before"), "1").await;
    let held = acquire(&store, &request(&key("held"))).await;
    store.extend(&held, HOUR).await.expect("the claim is held");
    let replayed = async || match store.claim(&request(&key("before"))).await {
        Ok(ClaimDecision::Replay(found)) => assert_eq!(found, outcome("1")),
        other => panic!("{other:?}"),
    };
    replayed().await;
    database.execute(altered::<D>()).await;
    replayed().await;
    store.extend(&held, HOUR).await.expect("the claim is held");
    store.complete(&held, &outcome("2"), HOUR).await.expect("the claim is held");
    finish(&store, &key("after"), "3").await;
}

async fn a_transaction_that_meets_an_altered_table_works_when_it_is_run_again<D: TestDatabase>(database: &D) {
    let store = D::store_on(database.pool(1).await);
    let wanted = request(&key("order"));
    let claim = async || {
        let mut tx = D::pool_of(&store).begin().await.expect("a transaction");
        let handle = <D::Store as Join<sqlx::Transaction<'static, D::Sqlx>>>::handle(&store);
        let mut joined = <D::Store as Join<sqlx::Transaction<'static, D::Sqlx>>>::join(&handle, &mut tx);
        let answer = joined.claim(&wanted, None).await;
        drop(joined);
        tx.rollback().await.expect("rolled back");
        answer
    };
    claim().await.expect("the key is free");
    database.execute(altered::<D>()).await;
    if let Err(error) = claim().await {
        assert!(error.is_retryable() && !error.is_ambiguous(), "{error:?}");
    }
    claim().await.expect("the key is free");
}

/// What makes the plan of a statement that PostgreSQL has prepared one of another table.
fn altered<D: TestDatabase>() -> &'static str {
    match D::NAME {
        "postgres" => "DROP VIEW idem_records_readable; ALTER TABLE idem_records ALTER COLUMN codec TYPE varchar(40)",
        "mysql" => "ALTER TABLE idem_records MODIFY codec VARCHAR(40) CHARACTER SET ascii COLLATE ascii_bin",
        _ => "ALTER TABLE idem_records ADD COLUMN extra TEXT",
    }
}

async fn the_mark_of_an_outcome_and_an_abandoned_claim_fit_every_table<D: TestDatabase>(database: &D) {
    let store = database.store().await;
    let mark = Outcome { kind: OutcomeKind::Value, codec: Codec::Omitted, version: 1, text: "".into() };
    let claim = acquire(&store, &request(&key("marked"))).await;
    store.complete(&claim, &mark, HOUR).await.expect("it fits");
    assert_eq!(store.claim(&request(&claim.key)).await.expect("an answer"), ClaimDecision::Replay(mark));

    let claim = acquire(&store, &request(&key("abandoned"))).await;
    store.abandon(&claim).await.expect("it fits");
    let seen = store.lookup(&claim.key).await.expect("an answer").expect("a record");
    assert!(
        matches!(seen.record.state, State::Running { abandoned: Abandoned::Refuse, lease_until } if lease_until <= seen.now)
    );
    let again = store.claim(&ClaimRequest { abandoned: Abandoned::Rerun, ..request(&claim.key) }).await;
    assert_eq!(again.expect("an answer"), ClaimDecision::Abandoned);
}
