//! The table of the PostgreSQL store: how it is made, by whom, and how it reads.
#![cfg(feature = "postgres")]

mod common;
mod postgres_common;

use std::time::Duration;

use common::postgres::Schema;
use common::{TestDatabase, acquire, fingerprint, finish, key, request};
use idem_core::{Abandoned, ClaimRequest, Join as _, Store as _};
use idem_sqlx::PgStore;
use postgres_common::{ISOLATIONS, isolated, patient_pool, pool};
use tokio::task::JoinSet;

/// What is in a schema.
async fn relations(schema: &Schema) -> Vec<String> {
    let query =
        format!("SELECT relname FROM pg_class WHERE relnamespace = '{}'::regnamespace ORDER BY relname", schema.name());
    schema.texts(&query).await
}

const OURS: [&str; 4] = ["idem_records", "idem_records_pkey", "idem_records_purge_from", "idem_records_readable"];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs a server: cargo xtask test"]
async fn ten_processes_may_migrate_at_once_at_any_isolation_and_again() {
    for isolation in ISOLATIONS {
        let schema = Schema::empty().await;
        let mut processes = JoinSet::new();
        for _ in 0..10 {
            let pool = pool(isolated(&schema, isolation).application_name(schema.name()), 1).await;
            processes.spawn(async move { (PgStore::new(pool.clone()).migrate().await, pool) });
        }
        let mut pools = Vec::new();
        for (migrated, pool) in processes.join_all().await {
            migrated.unwrap_or_else(|error| panic!("{isolation}: {error:?}"));
            pools.push(pool);
        }
        schema.store().await.migrate().await.expect("again");
        assert_eq!(relations(&schema).await, OURS);
        let of_theirs = format!("FROM pg_stat_activity WHERE application_name = '{}'", schema.name());
        assert_eq!(schema.number(&format!("SELECT count(*) {of_theirs}")).await, 10);
        // The lock ended with its transaction, and not only with its connection.
        let locks =
            format!("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid IN (SELECT pid {of_theirs})");
        assert_eq!(schema.number(&locks).await, 0);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs a server: cargo xtask test"]
async fn a_table_that_is_there_is_left_alone_while_others_write() {
    let schema = Schema::migrated().await;
    let application = schema.store().await;
    // `CREATE INDEX IF NOT EXISTS` would wait for this one, and all other writers for it.
    let mut open = application.pool().begin().await.expect("a transaction");
    PgStore::join(&application, &mut open).claim(&request(&key("order")), None).await.expect("the key is free");
    let options = schema.connect_options().options([("lock_timeout", "1ms")]);
    PgStore::new(pool(options, 1).await).migrate().await.expect("nothing to do");
    open.commit().await.expect("committed");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs a server: cargo xtask test"]
async fn what_is_missing_of_the_table_is_made() {
    let schema = Schema::migrated().await;
    finish(&schema.store().await, &key("order"), "42").await;
    schema.execute("DROP VIEW idem_records_readable").await;
    schema.store().await.migrate().await.expect("migrated");
    schema.execute("DROP INDEX idem_records_purge_from").await;
    schema.store().await.migrate().await.expect("migrated");
    assert_eq!(relations(&schema).await, OURS);
    assert_eq!(schema.number("SELECT count(*) FROM idem_records").await, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs a server: cargo xtask test"]
async fn a_user_who_may_make_nothing_needs_the_table_and_four_rights_on_it() {
    let schema = Schema::empty().await;
    let role = format!("{}_role", schema.name());
    schema.execute(&format!("CREATE ROLE {role}")).await;
    let user = PgStore::new(pool(schema.connect_options().options([("role", role.as_str())]), 1).await);

    let error = user.migrate().await.expect_err("the schema may not be used");
    assert!(!error.is_retryable(), "{error:?}");
    schema.execute(&format!("GRANT USAGE ON SCHEMA {} TO {role}", schema.name())).await;
    let error = user.migrate().await.expect_err("nothing may be made");
    assert!(error.to_string().contains("may not make idem's table"), "{error}");

    schema.store().await.migrate().await.expect("the owner may");
    user.migrate().await.expect("it is there");
    let error = user.claim(&request(&key("order"))).await.expect_err("the table may not be used");
    assert!(error.to_string().contains("grant"), "{error}");
    schema.execute(&format!("GRANT SELECT, INSERT, UPDATE, DELETE ON idem_records TO {role}")).await;
    finish(&user, &key("order"), "42").await;
    acquire(&user, &ClaimRequest { lease: Duration::ZERO, ..request(&key("lapsed")) }).await;
    acquire(&user, &request(&key("lapsed"))).await;
    user.purge_expired(10).await.expect("it may delete");

    drop(user);
    schema.execute(&format!("DROP OWNED BY {role}; DROP ROLE {role}")).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs a server: cargo xtask test"]
async fn a_schema_that_is_missing_is_said_to_be() {
    let schema = Schema::empty().await;
    let store = PgStore::with_table(schema.pool(1).await, "nowhere_at_all.calls").expect("a name");
    let error = store.migrate().await.expect_err("there is no such schema");
    assert!(error.to_string().contains("schema"), "{error}");
    let error = store.claim(&request(&key("order"))).await.expect_err("there is no such table");
    assert!(error.to_string().contains("`nowhere_at_all.calls` is missing"), "{error}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs a server: cargo xtask test"]
async fn many_tables_of_one_database_have_nothing_to_do_with_each_other() {
    let schema = Schema::empty().await;
    let longest = "a".repeat(52);
    for name in ["calls", "Calls", "order", "_", longest.as_str()] {
        let table = format!("{}.{name}", schema.name());
        let options = schema.server();
        let store =
            PgStore::with_table(patient_pool(options, 1, Duration::from_mins(1)).await, &table).expect("a name");
        store.migrate().await.unwrap_or_else(|error| panic!("{name}: {error:?}"));
        finish(&store, &key("order"), &format!("\"{name}\"")).await;
        store.migrate().await.unwrap_or_else(|error| panic!("{name}: {error:?}"));
        let kept = schema.texts(&format!("SELECT outcome FROM \"{name}_readable\"")).await;
        assert_eq!(kept, [format!("\"{name}\"")]);
    }
    assert_eq!(relations(&schema).await.len(), 5 * OURS.len());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs a server: cargo xtask test"]
async fn the_view_shows_times_and_what_has_lapsed() {
    let schema = Schema::migrated().await;
    let store = schema.store().await;
    finish(&store, &key(&("acme", 17)), "{\"id\":\"ch_1\"}").await;
    acquire(&store, &request(&key(&("acme", 18)))).await;
    let lapsed = ClaimRequest {
        lease: Duration::ZERO,
        abandoned: Abandoned::Refuse,
        fingerprint: Some(fingerprint(2)),
        ..request(&key(&("acme", 19)))
    };
    acquire(&store, &lapsed).await;
    let forever = ClaimRequest { lease: Duration::MAX, retention: Duration::MAX, ..request(&key(&("acme", 20))) };
    acquire(&store, &forever).await;
    let rows = schema
        .texts(
            "SELECT concat_ws(' ', key, state, abandoned, lapsed, outcome, \
                 abs(extract(epoch FROM created_at - now())) < 60, \
                 least(3, round(extract(epoch FROM expires_at - now()) / 3600))) \
             FROM idem_records_readable ORDER BY key",
        )
        .await;
    assert_eq!(
        rows,
        [
            "(\"acme\",17) completed f {\"id\":\"ch_1\"} t 1",
            "(\"acme\",18) running rerun f t 2",
            "(\"acme\",19) running refuse t t 1",
            "(\"acme\",20) running rerun f t 3",
        ]
    );
}
