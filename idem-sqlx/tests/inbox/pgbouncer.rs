//! The inbox behind PgBouncer in transaction mode: all that it asks is asked inside a transaction.

use std::collections::BTreeSet;

use idem_sqlx::Inbox;
use sqlx::AssertSqlSafe;
use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions};
use tokio::task::JoinSet;

use crate::common::TestDatabase as _;
use crate::common::postgres::Schema;
use crate::upkeep::everything_works;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs a server: cargo xtask test"]
async fn everything_works_behind_pgbouncer() {
    let schema = Schema::empty().await;
    let url = std::env::var("IDEM_TEST_PGBOUNCER_URL")
        .expect("set IDEM_TEST_PGBOUNCER_URL, or run `cargo xtask test`, which starts a server");
    let options = url.parse::<PgConnectOptions>().expect("a URL of PostgreSQL").statement_cache_capacity(0);
    let pool = PgPoolOptions::new().max_connections(4).connect_with(options).await.expect("a pool");
    let mut tasks = JoinSet::new();
    for number in 0..4 {
        let inbox = Inbox::with_table("ledger", &format!("{}.seen_{number}", schema.name())).expect("a name");
        let pool = pool.clone();
        tasks.spawn(async move {
            inbox.migrate(&pool).await.expect("new tables");
            everything_works::<Schema>(&inbox, &pool).await;
        });
    }
    tasks.join_all().await;
}

/// As users who have not read about PgBouncer: with statements that sqlx prepares under names that meet those of another service.
/// Some of their messages get errors, and none is remembered in the other's table or taken for one of the other's.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs a server: cargo xtask test"]
async fn no_message_is_remembered_for_another_service_where_statements_are_mixed_up() {
    const MESSAGES: usize = 60;
    const SERVICES: [&str; 2] = ["ledger", "mail"];
    // A database of its own, for which PgBouncer has sessions of its own: names that are taken stay taken.
    let schema = Schema::empty().await;
    let database = schema.name().to_owned();
    schema.execute(&format!("CREATE DATABASE {database}")).await;
    let direct = PgPool::connect_with(schema.connect_options().database(&database)).await.expect("a pool");
    let url = std::env::var("IDEM_TEST_PGBOUNCER_URL").expect("cargo xtask test sets it");
    let options = url.parse::<PgConnectOptions>().expect("a URL of PostgreSQL").database(&database);
    let inbox_of = |service| Inbox::with_table("consumer", &format!("{service}.seen")).expect("a name");
    for service in SERVICES {
        sqlx::raw_sql(AssertSqlSafe(format!("CREATE SCHEMA {service}"))).execute(&direct).await.expect("a schema");
        inbox_of(service).migrate(&direct).await.expect("new tables");
    }
    let mut workers = JoinSet::new();
    for worker in 0..6 {
        let service = SERVICES[worker % SERVICES.len()];
        let (inbox, options) = (inbox_of(service), options.clone());
        workers.spawn(async move {
            let pool = PgPoolOptions::new().max_connections(2).connect_with(options).await.expect("a pool");
            let mut remembered = Vec::new();
            for number in 0..MESSAGES {
                let id = worker * MESSAGES + number;
                let mut tx = pool.begin().await.expect("a transaction");
                // What the application prepares, so that the inbox does as well.
                let prepared = sqlx::query("SELECT $1::bigint").bind(0_i64).execute(&mut *tx).await;
                if prepared.is_ok()
                    && let Ok(is_new) = inbox.first_time(&mut tx, &id).await
                {
                    assert!(is_new, "{id}");
                    tx.commit().await.expect("a commit");
                    remembered.push(id.to_string());
                }
            }
            pool.close().await;
            (service, remembered)
        });
    }
    let told = workers.join_all().await;
    for service in SERVICES {
        let ids = |told: &(&str, Vec<String>)| if told.0 == service { told.1.clone() } else { Vec::new() };
        let told: BTreeSet<String> = told.iter().flat_map(ids).collect();
        let stored = sqlx::query_scalar(AssertSqlSafe(format!("SELECT message FROM {service}.seen")));
        let stored: BTreeSet<String> = stored.fetch_all(&direct).await.expect("messages").into_iter().collect();
        assert_eq!(stored, told, "{service}");
        assert!(!told.is_empty(), "no worker of {service} could do anything");
    }
    direct.close().await;
    schema.execute(&format!("DROP DATABASE {database} WITH (FORCE)")).await;
}
