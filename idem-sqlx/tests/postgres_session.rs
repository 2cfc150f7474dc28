//! The same answers whatever the session of the application is set to.
#![cfg(feature = "postgres")]

mod common;
mod postgres_common;

use std::time::Duration;

use common::postgres::Schema;
use common::{HOUR, TestDatabase, acquire, fingerprint, key, outcome, request};
use idem_core::{Answer, ClaimDecision, ClaimRequest, Error, Operation, Store as _};
use idem_sqlx::PgStore;
use postgres_common::pool;
use sqlx::ConnectOptions as _;
use sqlx::postgres::PgConnectOptions;

/// The life of a key, with every answer that a claim has.
async fn life_of_a_key(store: &PgStore, name: &str) {
    let first = request(&key(&("session", name)));
    let another = ClaimRequest { fingerprint: Some(fingerprint(2)), ..request(&first.key) };
    let claim = acquire(store, &ClaimRequest { lease: Duration::ZERO, ..first.clone() }).await;
    assert!(matches!(store.claim(&another).await, Ok(ClaimDecision::Mismatch)), "{name}");
    let successor = acquire(store, &request(&first.key)).await;
    assert!(successor.fence > claim.fence, "{name}");
    assert!(store.extend(&claim, HOUR).await.is_err_and(|error| error.is_claim_lost()), "{name}");
    store.extend(&successor, HOUR).await.unwrap_or_else(|error| panic!("{name}: {error:?}"));
    let duplicate = store.claim(&request(&first.key)).await;
    let Ok(ClaimDecision::InProgress { lease_left }) = duplicate else { panic!("{name}: {duplicate:?}") };
    assert!(lease_left > HOUR / 2 && lease_left <= HOUR, "{name}: {lease_left:?}");
    store.complete(&successor, &outcome("\"é\\\\'\""), HOUR).await.unwrap_or_else(|error| panic!("{name}: {error:?}"));
    assert_eq!(store.claim(&first).await.ok(), Some(ClaimDecision::Replay(outcome("\"é\\\\'\""))), "{name}");
    assert_eq!(store.purge_expired(10).await.ok(), Some(0), "{name}");

    let mut tx = store.pool().begin().await.expect("a transaction");
    let operation = || Operation::new("payments.charge", &("joined", name));
    let executed = operation().run_in(store, &mut tx, async |_tx, _| Ok::<_, Error>(1)).await;
    assert!(matches!(executed, Ok(Answer::Executed(1))), "{name}: {executed:?}");
    let replayed = operation().run_in(store, &mut tx, async |_tx, _| Ok::<_, Error>(2)).await;
    assert!(matches!(replayed, Ok(Answer::Replayed(1))), "{name}: {replayed:?}");
}

/// With prepared statements, and with values written out.
async fn both_ways(options: PgConnectOptions, table: &str, name: &str) {
    for capacity in [100, 0] {
        let pool = pool(options.clone().statement_cache_capacity(capacity), 2).await;
        let store = PgStore::with_table(pool, table).expect("a name");
        store.migrate().await.unwrap_or_else(|error| panic!("{name}: {error:?}"));
        life_of_a_key(&store, &format!("{name}, {capacity}")).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs a server: cargo xtask test"]
async fn settings_of_the_session_change_no_answer() {
    let schema = Schema::migrated().await;
    for (setting, value) in [
        ("TimeZone", "Asia/Kathmandu"),
        ("TimeZone", "-12:34"),
        ("DateStyle", "German"),
        ("DateStyle", "SQL, DMY"),
        ("IntervalStyle", "sql_standard"),
        ("standard_conforming_strings", "off"),
        ("backslash_quote", "off"),
        ("quote_all_identifiers", "on"),
        ("extra_float_digits", "-15"),
        ("bytea_output", "escape"),
        ("transform_null_equals", "on"),
        ("enable_indexscan", "off"),
        ("plan_cache_mode", "force_generic_plan"),
        ("jit_above_cost", "0"),
        ("synchronous_commit", "off"),
        ("row_security", "off"),
        ("lock_timeout", "1s"),
        ("client_min_messages", "debug1"),
    ] {
        let name = format!("{setting} = {value}");
        both_ways(schema.connect_options().options([(setting, value)]), "idem_records", &name).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs a server: cargo xtask test"]
async fn pg_duplicate_detected_by_sqlstate_in_any_locale() {
    let schema = Schema::migrated().await;
    let mut languages = 0;
    for language in ["de_DE.UTF-8", "fr_FR.UTF-8", "ja_JP.UTF-8", "C"] {
        let options = schema.connect_options().options([("lc_messages", language)]);
        // A server may have none of them but the last.
        if options.connect().await.is_ok() {
            both_ways(options, "idem_records", language).await;
            languages += 1;
        }
    }
    assert!(languages > 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs a server: cargo xtask test"]
async fn pg_custom_schema_and_search_path() {
    let schema = Schema::empty().await;
    let table = format!("{}.calls", schema.name());
    // What stands first on this path has the names that the store uses, and none of the columns.
    let decoy = Schema::empty().await;
    decoy
        .execute("CREATE TABLE calls (nothing int); CREATE TABLE found (nothing int); CREATE TABLE clock (now text)")
        .await;
    for path in [decoy.name(), "", "pg_catalog", "nowhere"] {
        both_ways(schema.server().options([("search_path", path)]), &table, &format!("search_path = {path}")).await;
    }
    assert_eq!(schema.number(&format!("SELECT count(*) FROM {table}_readable")).await, 8);
    let indexes = format!("SELECT indexname FROM pg_indexes WHERE schemaname = '{}' ORDER BY 1", schema.name());
    assert_eq!(schema.texts(&indexes).await, ["calls_pkey", "calls_purge_from"]);
}
