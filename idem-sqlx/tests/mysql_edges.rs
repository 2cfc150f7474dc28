//! What MySQL and MariaDB may do to a call: it says what it is, and nothing runs twice.
#![cfg(feature = "mysql")]

mod common;
mod mysql_common;

use std::time::Duration;

use common::mysql::Database;
use common::proxy::{Proxy, every_call_ends};
use common::{HOUR, TestDatabase, acquire, key, outcome, request};
use idem_core::{
    ClaimDecision, ClaimId, ClaimRequest, Codec, IssueDecision, Join as _, Operator as _, Outcome, OutcomeKind, Store,
};
use idem_sqlx::MySqlStore;
use mysql_common::{FOREVER, pool_after};
use sqlx::mysql::{MySqlPoolOptions, MySqlSslMode};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs a server: cargo xtask test"]
async fn a_session_without_autocommit_is_refused_before_anything_runs() {
    let database = Database::migrated().await;
    let store = MySqlStore::new(pool_after(&database, 2, "SET autocommit = 0".to_owned()).await);
    let committing = database.store().await;
    let held = acquire(&committing, &request(&key("held"))).await;
    for error in [
        store.claim(&request(&key("order"))).await.expect_err("it would be rolled back"),
        store.complete(&held, &outcome("1"), HOUR).await.expect_err("it would be rolled back"),
        store.extend(&held, HOUR).await.expect_err("it would be rolled back"),
        store.abandoned(None, 10).await.expect_err("it would leave a transaction open"),
    ] {
        assert!(error.is_refused() && error.to_string().contains("autocommit"), "{error:?}");
    }
    committing.complete(&held, &outcome("1"), HOUR).await.expect("the claim is held");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs a server: cargo xtask test"]
async fn an_outcome_that_is_not_committed_is_not_replayed_at_any_isolation() {
    let database = Database::migrated().await;
    let init = "SET SESSION TRANSACTION ISOLATION LEVEL READ UNCOMMITTED".to_owned();
    let (store, other) = (MySqlStore::new(pool_after(&database, 2, init).await), database.store().await);
    let wanted = request(&key("order"));
    let lapsed = ClaimRequest { lease: Duration::ZERO, ..wanted.clone() };
    acquire(&other, &lapsed).await;
    let mut open = other.pool().begin().await.expect("a transaction");
    let joined = ClaimRequest { claim_id: ClaimId::random(), ..wanted.clone() };
    let Ok(ClaimDecision::Acquired(claim)) = MySqlStore::join(&other, &mut open).claim(&joined, None).await else {
        panic!("it has lapsed");
    };
    MySqlStore::join(&other, &mut open).complete(&claim, &outcome("1"), HOUR).await.expect("its own");

    let refusing = ClaimRequest { abandoned: idem_core::Abandoned::Refuse, claim_id: ClaimId::random(), ..wanted };
    for _ in 0..3 {
        assert_eq!(store.claim(&refusing).await.expect("an answer"), ClaimDecision::Abandoned);
        let seen = store.lookup(&refusing.key).await.expect("an answer").expect("a record");
        assert_eq!(seen.record.state.name(), "running");
    }
    open.rollback().await.expect("rolled back");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs a server: cargo xtask test"]
async fn fences_grow_although_the_table_has_triggers() {
    let database = Database::migrated().await;
    database.execute("CREATE TABLE changes (id BIGINT PRIMARY KEY AUTO_INCREMENT, state VARCHAR(9))").await;
    for event in ["INSERT", "UPDATE"] {
        let log = "INSERT INTO changes (state) VALUES (NEW.state)";
        let trigger = format!("CREATE TRIGGER on_{event} AFTER {event} ON idem_records FOR EACH ROW {log}");
        database.execute(&trigger).await;
    }
    let store = database.store().await;
    let mut last = 0;
    for _ in 0..4 {
        let claim = acquire(&store, &request(&key("order"))).await;
        let seen = store.lookup(&claim.key).await.expect("an answer").expect("a record").record;
        assert_eq!(claim.fence, seen.fence);
        assert!(claim.fence.number() > last, "{claim:?} after {last}");
        last = claim.fence.number();
        store.release(&claim).await.expect("the claim is held");
    }
    for (lifetime, answer) in
        [(Duration::ZERO, IssueDecision::Issued), (HOUR, IssueDecision::Issued), (HOUR, IssueDecision::Taken)]
    {
        assert_eq!(store.issue(&key("token"), lifetime).await.expect("an answer"), answer);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs a server: cargo xtask test"]
async fn an_outcome_beyond_what_the_server_takes_in_one_statement_is_refused_and_its_mark_is_not() {
    let database = Database::migrated().await;
    let store = database.store().await;
    let most = database.number("SELECT @@max_allowed_packet").await;
    for beyond in [0, 1, 64 * 1024] {
        let claim = acquire(&store, &request(&key(&beyond))).await;
        let text = "x".repeat(usize::try_from(most + beyond).expect("a size"));
        let error = store.complete(&claim, &outcome(&text), HOUR).await.expect_err("it is too large");
        assert!(error.is_refused() && error.to_string().contains("max_allowed_packet"), "{error:?}");
        let mark = Outcome { kind: OutcomeKind::Value, codec: Codec::Omitted, version: 1, text: "".into() };
        store.complete(&claim, &mark, HOUR).await.expect("the mark fits");
    }
    let claim = acquire(&store, &request(&key("large"))).await;
    store.complete(&claim, &outcome(&"x".repeat(1_040_000)), HOUR).await.expect("it fits");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs a server: cargo xtask test"]
async fn a_mark_is_no_null_in_any_sql_mode() {
    let database = Database::migrated().await;
    for mode in ["EMPTY_STRING_IS_NULL", "ORACLE", "ORACLE,EMPTY_STRING_IS_NULL", "STRICT_ALL_TABLES", ""] {
        let store = MySqlStore::new(pool_after(&database, 2, format!("SET sql_mode = '{mode}'")).await);
        let claim = acquire(&store, &request(&key(&(mode.to_owned() + "!")))).await;
        let mark = Outcome { kind: OutcomeKind::Value, codec: Codec::Omitted, version: 1, text: "".into() };
        store.complete(&claim, &mark, HOUR).await.expect("the mark fits");
        assert_eq!(store.claim(&request(&claim.key)).await.expect("an answer"), ClaimDecision::Replay(mark), "{mode}");
        let claim = acquire(&store, &request(&key(&(mode.to_owned() + "?")))).await;
        store.extend(&claim, HOUR).await.expect("the claim is held");
        store.abandon(&claim).await.expect("it fits");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs a server: cargo xtask test"]
async fn the_next_call_works_when_all_sessions_of_the_pool_are_killed() {
    let database = Database::migrated().await;
    let held = acquire(&database.store().await, &request(&key("held"))).await;
    for round in 0..3 {
        let store = MySqlStore::new(database.pool(8).await);
        let mut sessions = Vec::new();
        for _ in 0..8 {
            sessions.push(store.pool().acquire().await.expect("a connection"));
        }
        drop(sessions);
        while store.pool().num_idle() < 8 {
            tokio::task::yield_now().await;
        }
        let sessions = format!(
            "SELECT id FROM information_schema.processlist WHERE db = '{}' AND command = 'Sleep'",
            database.name()
        );
        for id in database.texts(&sessions).await {
            // The session that looked may be gone by itself.
            let mut on = database.pool(1).await.acquire().await.expect("a connection");
            let _ = Database::execute_on(&mut on, &format!("KILL {id}")).await;
        }
        match round {
            0 => acquire(&store, &request(&key("new"))).await.attempt,
            1 => store.extend(&held, HOUR).await.map(|()| 1).expect("the claim is held"),
            _ => store.complete(&held, &outcome("1"), HOUR).await.map(|()| 1).expect("the claim is held"),
        };
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs a server: cargo xtask test"]
async fn a_call_ends_when_the_server_stops_answering_and_works_when_it_does_again() {
    let database = Database::migrated().await;
    let options = database.connect_options();
    let proxy = Proxy::to(options.get_host(), options.get_port()).await;
    let options = options.host("127.0.0.1").port(proxy.port()).ssl_mode(MySqlSslMode::Disabled);
    let pool = MySqlPoolOptions::new().max_connections(3).test_before_acquire(false).acquire_timeout(FOREVER);
    let patient = MySqlStore::new(pool.connect_with(options).await.expect("a pool")).time_limit(FOREVER);
    every_call_ends(&patient, &patient.clone().time_limit(Duration::from_millis(700)), &proxy).await;
    let mut sessions = Vec::new();
    for _ in 0..3 {
        sessions.push(patient.pool().acquire().await.expect("no connection was lost"));
    }
}
