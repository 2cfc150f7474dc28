//! What PostgreSQL and what stands before it may do to a call: it says what it is, and nothing runs twice.
#![cfg(feature = "postgres")]

mod common;
mod postgres_common;

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use common::postgres::Schema;
use common::proxy::{Proxy, every_call_ends};
use common::{HOUR, TestDatabase, acquire, finish, key, outcome, request};
use idem_core::{ClaimId, Codec, Error, Extension, Operation, Outcome, OutcomeKind, Store};
use idem_sqlx::PgStore;
use postgres_common::pool;
use sqlx::ConnectOptions as _;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions, PgSslMode};
use tokio::task::JoinSet;

const FOREVER: Duration = Duration::from_mins(1);

fn omitted() -> Outcome {
    Outcome { kind: OutcomeKind::Value, codec: Codec::Omitted, version: 1, text: "".into() }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs a server: cargo xtask test"]
async fn an_outcome_that_the_encoding_of_the_database_lacks_is_refused_and_its_mark_is_not() {
    let schema = Schema::empty().await;
    let name = format!("latin_{}", schema.name());
    schema.execute(&format!("CREATE DATABASE {name} TEMPLATE template0 ENCODING 'LATIN1' LOCALE 'C'")).await;
    let options = schema.server().database(&name);
    for options in [options.clone(), options.statement_cache_capacity(0)] {
        let store = PgStore::new(pool(options, 2).await);
        store.migrate().await.expect("an empty database");
        let claim = acquire(&store, &request(&key(&ClaimId::random().to_string()))).await;
        let error = store.complete(&claim, &outcome("\"thanks 😀\""), HOUR).await.expect_err("it is no LATIN1");
        assert!(error.is_refused() && error.to_string().contains("UTF8"), "{error:?}");
        store.complete(&claim, &omitted(), HOUR).await.expect("the mark fits");
        store.pool().close().await;
    }
    schema.execute(&format!("DROP DATABASE {name} WITH (FORCE)")).await;
}

/// A role of the test's own, which may only do what is granted.
async fn role(schema: &Schema, grants: &[&str]) -> (String, PgConnectOptions) {
    let name = format!("role_{}", schema.name());
    schema.execute(&format!("CREATE ROLE {name}; GRANT USAGE ON SCHEMA {} TO {name}", schema.name())).await;
    for grant in grants {
        schema.execute(&format!("GRANT {grant} ON idem_records TO {name}")).await;
    }
    let options = schema.connect_options().options([("role", &name)]);
    (name, options)
}

async fn drop_role(schema: &Schema, name: &str) {
    schema.execute(&format!("DROP OWNED BY {name}; DROP ROLE {name}")).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs a server: cargo xtask test"]
async fn a_user_who_may_insert_and_not_update_is_refused_with_the_code() {
    let schema = Schema::migrated().await;
    let (name, options) = role(&schema, &["SELECT, INSERT"]).await;
    let store = PgStore::new(pool(options, 2).await);
    let claim = acquire(&store, &request(&key("order"))).await;
    for error in [
        store.complete(&claim, &outcome("1"), HOUR).await.expect_err("it may not"),
        store.complete(&claim, &omitted(), HOUR).await.expect_err("it may not"),
        store.abandon(&claim).await.expect_err("it may not"),
    ] {
        assert!(error.is_refused() && error.to_string().contains("42501"), "{error:?}");
    }
    schema.execute(&format!("GRANT UPDATE ON idem_records TO {name}")).await;
    store.complete(&claim, &outcome("1"), HOUR).await.expect("somebody has mended it");
    drop_role(&schema, &name).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs a server: cargo xtask test"]
async fn a_record_that_row_level_security_hides_is_told_as_that() {
    let schema = Schema::migrated().await;
    let (name, options) = role(&schema, &["SELECT, INSERT, UPDATE"]).await;
    finish(&schema.store().await, &key("hidden"), "1").await;
    let secure = "ALTER TABLE idem_records ENABLE ROW LEVEL SECURITY; \
                  CREATE POLICY none ON idem_records FOR SELECT USING (false); \
                  CREATE POLICY new ON idem_records FOR INSERT WITH CHECK (true)";
    schema.execute(secure).await;
    for options in [options.clone(), options.statement_cache_capacity(0)] {
        let store = PgStore::new(pool(options, 2).await);
        let error = store.claim(&request(&key("hidden"))).await.expect_err("it is there, and cannot be seen");
        assert!(error.is_refused() && error.to_string().contains("row level security"), "{error:?}");
    }
    drop_role(&schema, &name).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs a server: cargo xtask test"]
async fn a_renewal_goes_on_with_another_connection_where_somebody_left_a_transaction_open() {
    let schema = Schema::migrated().await;
    let other = schema.store().await;
    let claims = [acquire(&other, &request(&key("one"))).await, acquire(&other, &request(&key("two"))).await];
    for leases in [[Duration::from_millis(500); 2], [HOUR; 2]] {
        for count in [1, 2] {
            let opened = Arc::new(AtomicU32::new(0));
            // The first two connections begin in a transaction, so that one renewal meets two of them.
            let options =
                PgPoolOptions::new().max_connections(2).test_before_acquire(false).after_connect(move |on, _| {
                    let is_left_open = opened.fetch_add(1, Ordering::SeqCst) < 2;
                    Box::pin(async move {
                        if is_left_open {
                            sqlx::raw_sql("BEGIN").execute(&mut *on).await?;
                        }
                        Ok(())
                    })
                });
            let store = PgStore::new(options.connect_lazy_with(schema.connect_options()));
            let extensions: Vec<_> =
                claims.iter().zip(leases).map(|(claim, lease)| Extension { claim: claim.clone(), lease }).collect();
            for answer in store.extend_all(&extensions[..count]).await {
                answer.expect("the claim is held");
            }
        }
    }
}

/// As users who have not read about PgBouncer: with the statements that sqlx prepares, and in two services whose names for
/// them meet, on tables of their own.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs a server: cargo xtask test"]
async fn no_outcome_is_lost_behind_a_pooler_that_mixes_up_prepared_statements() {
    const ORDERS: usize = 60;
    let url = std::env::var("IDEM_TEST_PGBOUNCER_URL").expect("cargo xtask test sets it");
    let options: PgConnectOptions = url.parse().expect("a URL of PostgreSQL");
    let (schemas, runs) = (
        [Schema::migrated().await, Schema::migrated().await],
        Runs::new([const { [const { AtomicU32::new(0) }; ORDERS] }; 2]),
    );
    let mut callers = JoinSet::new();
    for process in 0..6 {
        let service = process % schemas.len();
        let table = format!("{}.idem_records", schemas[service].name());
        let store = PgStore::with_table(pool(options.clone(), 8).await, &table).expect("a name");
        for order in 0..ORDERS {
            let (store, runs) = (store.clone(), Arc::clone(&runs));
            callers.spawn(async move {
                let operation = Operation::new("payments.charge", &order).in_flight(idem_core::InFlight::Wait(FOREVER));
                let body = async |_| {
                    runs[service][order].fetch_add(1, Ordering::SeqCst);
                    Ok::<_, Error>(order)
                };
                let answer = operation.run(&store, body).await.map(idem_core::Answer::into_inner);
                (order, answer)
            });
        }
    }
    for (order, answer) in callers.join_all().await {
        assert_eq!(answer.map_err(|error| format!("{error:?}")), Ok(order));
    }
    for (service, schema) in schemas.iter().enumerate() {
        let runs: Vec<u32> = runs[service].iter().map(|runs| runs.load(Ordering::SeqCst)).collect();
        assert_eq!(runs, [1; ORDERS], "service {service}");
        let records = schema.number("SELECT count(*) FROM idem_records WHERE state <> 'completed'").await;
        assert_eq!(records, 0, "what is not done in service {service}");
    }
}

/// How often the body ran in each of two services, for each order.
type Runs = Arc<[[AtomicU32; 60]; 2]>;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs a server: cargo xtask test"]
async fn the_next_call_works_when_all_sessions_of_the_pool_are_ended() {
    let schema = Schema::migrated().await;
    let held = acquire(&schema.store().await, &request(&key("held"))).await;
    let end = format!(
        "SELECT count(pg_terminate_backend(pid, 5000)) FROM pg_stat_activity WHERE application_name = '{}'",
        schema.name()
    );
    let mut admin = schema.server().connect().await.expect("a server");
    for round in 0..3 {
        let store = PgStore::new(pool(schema.connect_options().application_name(schema.name()), 8).await);
        let mut sessions = Vec::new();
        for _ in 0..8 {
            sessions.push(store.pool().acquire().await.expect("a connection"));
        }
        drop(sessions);
        while store.pool().num_idle() < 8 {
            tokio::task::yield_now().await;
        }
        Schema::rows_on(&mut admin, &end).await.expect("ended");
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
    let schema = Schema::migrated().await;
    let options = schema.connect_options();
    let proxy = Proxy::to(options.get_host(), options.get_port()).await;
    let options = options.host("127.0.0.1").port(proxy.port()).ssl_mode(PgSslMode::Disable);
    for options in [options.clone(), options.statement_cache_capacity(0)] {
        let patient = PgStore::new(postgres_common::patient_pool(options, 3, FOREVER).await).time_limit(FOREVER);
        every_call_ends(&patient, &patient.clone().time_limit(Duration::from_millis(700)), &proxy).await;
        let mut sessions = Vec::new();
        for _ in 0..3 {
            sessions.push(patient.pool().acquire().await.expect("no connection was lost"));
        }
        for session in &mut sessions {
            assert_eq!(Schema::rows_on(session, "SELECT 1").await.expect("a row"), [[Some("1".to_owned())]]);
        }
    }
}
