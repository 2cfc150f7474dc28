//! Keys, outcomes and messages are the same for every session: one that has another encoding than UTF-8 is refused.
#![cfg(feature = "postgres")]

mod common;

use common::postgres::Schema;
use common::{HOUR, TestDatabase as _, acquire, finish, key, outcome, request};
use idem_core::{ClaimDecision, Error, Extension, Operation, Resolution, Store as _, StoreError};
use idem_sqlx::{Inbox, PgStore};
use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions};
use sqlx::{AssertSqlSafe, Executor as _};

/// A pool whose sessions take another encoding than sqlx has asked for.
async fn pool_in(options: PgConnectOptions, encoding: &'static str) -> PgPool {
    PgPoolOptions::new()
        .max_connections(8)
        .after_connect(move |on, _| {
            let set = format!("SET client_encoding = '{encoding}'");
            Box::pin(async move { on.execute(AssertSqlSafe(set)).await.map(drop) })
        })
        .connect_with(options)
        .await
        .expect("a pool")
}

#[track_caller]
fn is_told<T: std::fmt::Debug>(answer: Result<T, StoreError>, what: &str) {
    let error = answer.expect_err(what);
    assert!(error.to_string().contains("`client_encoding`") && !error.is_retryable(), "{what}: {error:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs a server: cargo xtask test"]
async fn a_session_with_another_encoding_is_refused_before_anything_is_written() {
    for encoding in ["LATIN1", "SQL_ASCII", "WIN1252", "SJIS", "EUC_JP"] {
        let schema = Schema::migrated().await;
        let plain = schema.store().await;
        let inbox = Inbox::new("ledger").expect("a name");
        inbox.migrate(plain.pool()).await.expect("new tables");
        finish(&plain, &key("done"), "\"é\"").await;
        let held = acquire(&plain, &request(&key("held"))).await;
        let rows = "SELECT count(*) FROM idem_records";
        for capacity in [100, 0] {
            let options = schema.connect_options().statement_cache_capacity(capacity);
            let pool = pool_in(options, encoding).await;
            let store = PgStore::new(pool.clone());
            for name in ["a", "日本", "done", "held"] {
                is_told(store.claim(&request(&key(name))).await, encoding);
                is_told(store.lookup(&key(name)).await, encoding);
            }
            is_told(store.issue(&key("token"), HOUR).await, encoding);
            for extended in store.extend_all(&[Extension { claim: held.clone(), lease: HOUR }]).await {
                is_told(extended, encoding);
            }
            is_told(store.extend(&held, HOUR).await, encoding);
            is_told(store.complete(&held, &outcome("\"é\""), HOUR).await, encoding);
            is_told(store.release(&held).await, encoding);

            for name in ["b", "日本", "done"] {
                let mut tx = pool.begin().await.expect("a transaction");
                let body = async |_tx, _| -> Result<i64, Error> { panic!("{encoding}: it runs") };
                let error = Operation::new("payments.charge", name).run_in(&store, &mut tx, body).await;
                let error = error.expect_err("the session is refused");
                assert!(error.to_string().contains("`client_encoding`"), "{encoding}: {error}");
            }
            let mut tx = pool.begin().await.expect("a transaction");
            is_told(inbox.first_time(&mut tx, "a").await, encoding);
            let mut tx = pool.begin().await.expect("a transaction");
            is_told(inbox.first_times(&mut tx, &["a", "b"]).await, encoding);
            let mut tx = pool.begin().await.expect("a transaction");
            is_told(inbox.advance(&mut tx, "a", 1).await, encoding);
        }
        assert_eq!(schema.number(rows).await, 2, "{encoding}");
        plain.extend(&held, HOUR).await.expect("nothing has changed");
        let expired = "UPDATE idem_records SET abandoned = 'refuse', lease_until = 1 WHERE state = 'running'";
        schema.execute(expired).await;
        let store = PgStore::new(pool_in(schema.connect_options(), encoding).await);
        is_told(store.resolve(&held.key, held.claim_id, &Resolution::Rerun).await, encoding);
    }
}

/// What the server says of itself, a database or a role is overruled by what sqlx asks for as it connects.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs a server: cargo xtask test"]
async fn an_encoding_of_the_database_changes_no_key_and_no_outcome() {
    let schema = Schema::empty().await;
    for encoding in ["UTF8", "SQL_ASCII", "EUC_JP"] {
        let name = format!("{}_{}", encoding.to_lowercase(), schema.name());
        let create = format!("CREATE DATABASE {name} TEMPLATE template0 ENCODING '{encoding}' LOCALE 'C'");
        schema.execute(&create).await;
        schema.execute(&format!("ALTER DATABASE {name} SET client_encoding = 'LATIN1'")).await;
        for capacity in [100, 0] {
            let options = schema.server().database(&name).statement_cache_capacity(capacity);
            let pool = PgPoolOptions::new().max_connections(2).connect_with(options).await.expect("a pool");
            let store = PgStore::new(pool);
            store.migrate().await.expect("an empty database");
            let names = ["日本", "中国", "東京"].map(|name| (name, key(&(name, capacity))));
            for (name, key) in &names {
                let claim = acquire(&store, &request(key)).await;
                assert_eq!(claim.attempt, 1, "{encoding}: {name}");
                let text = format!("\"{name}\"");
                store.complete(&claim, &outcome(&text), HOUR).await.expect("the claim is held");
            }
            for (name, key) in &names {
                let again = store.claim(&request(key)).await.expect("an answer");
                assert_eq!(again, ClaimDecision::Replay(outcome(&format!("\"{name}\""))), "{encoding}, {capacity}");
            }
            store.pool().close().await;
        }
        schema.execute(&format!("DROP DATABASE {name} WITH (FORCE)")).await;
    }
}
