//! Statements with their values written out: nothing that is in a value gets out of it.
#![cfg(feature = "postgres")]

mod common;
mod postgres_common;

use common::postgres::Schema;
use common::{HOUR, TestDatabase, acquire, key, outcome, request};
use idem_core::{ClaimDecision, Store as _};
use idem_sqlx::PgStore;
use postgres_common::pool;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

const HOSTILE: [&str; 16] = [
    "'",
    "''",
    "\\",
    "\\'",
    "\\\\'; DROP TABLE idem_records; --",
    "'::text); DROP TABLE idem_records; --",
    "$1",
    "$tag$",
    "?1 ?2",
    "{}",
    "/*",
    "--\n;",
    "\u{1}\t\r\n\u{7f}",
    "é e\u{301} ß 日本 🦀 \u{202e}",
    "E'\\u0041\\x41\\101'",
    "\u{feff}\u{2028}%_",
];

/// A store that writes values out, on connections that read strings this way, and one that does not.
async fn stores(schema: &Schema, standard: &str) -> [PgStore; 2] {
    let options = schema.connect_options().options([
        ("standard_conforming_strings", standard),
        ("escape_string_warning", "off"),
        // The most hostile setting that there is for backslashes.
        ("backslash_quote", "off"),
    ]);
    [PgStore::new(pool(options.statement_cache_capacity(0), 2).await), PgStore::new(schema.pool(2).await)]
}

/// A key and an outcome that are written out come back as they were, to those who write out and to those who bind.
async fn comes_back([written, bound]: &[PgStore; 2], text: &str) -> Result<(), TestCaseError> {
    let mut request = request(&key(&(format!("k{text}"), idem_core::ClaimId::random().to_string())));
    let claim = acquire(written, &request).await;
    request.claim_id = idem_core::ClaimId::random();
    for store in [written, bound] {
        let duplicate = store.claim(&request).await.expect("an answer");
        prop_assert!(matches!(duplicate, ClaimDecision::InProgress { .. }), "{duplicate:?}");
    }
    written.complete(&claim, &outcome(text), HOUR).await.expect("the claim is held");
    for store in [written, bound] {
        let replayed = store.claim(&request).await.expect("an answer");
        prop_assert_eq!(replayed, ClaimDecision::Replay(outcome(text)));
    }
    let stored: (String, String) = sqlx::query_as("SELECT outcome, key FROM idem_records WHERE claim_id = $1")
        .bind(claim.claim_id.to_string())
        .fetch_one(bound.pool())
        .await
        .expect("a row");
    prop_assert_eq!(stored, (text.to_owned(), request.key.text().to_owned()));
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs a server: cargo xtask test"]
async fn hostile_texts_come_back_byte_for_byte() {
    let schema = Schema::migrated().await;
    for standard in ["on", "off"] {
        let stores = stores(&schema, standard).await;
        for text in HOSTILE {
            comes_back(&stores, text).await.unwrap_or_else(|failed| panic!("{standard}, {text:?}: {failed}"));
        }
    }
}

#[test]
#[ignore = "needs a server: cargo xtask test"]
fn any_text_comes_back_byte_for_byte() {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let schema = runtime.block_on(Schema::migrated());
    for standard in ["on", "off"] {
        let stores = runtime.block_on(stores(&schema, standard));
        // PostgreSQL has no NUL in its texts, and neither have keys and JSON.
        let texts = prop::collection::vec(prop_oneof![Just('\''), Just('\\'), Just('$'), any::<char>()], 0..24)
            .prop_map(|characters| characters.into_iter().filter(|character| *character != '\0').collect::<String>());
        TestRunner::new(Config { cases: 100, failure_persistence: None, ..Config::default() })
            .run(&texts, |text| runtime.block_on(comes_back(&stores, &text)))
            .unwrap_or_else(|failed| panic!("{standard}: {failed}"));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs a server: cargo xtask test"]
async fn an_outcome_that_postgresql_cannot_hold_is_refused_in_both_ways() {
    let schema = Schema::migrated().await;
    for store in [postgres_common::unprepared(&schema).await, schema.store().await] {
        let claim = acquire(&store, &request(&key(&idem_core::ClaimId::random().to_string()))).await;
        let error = store.complete(&claim, &outcome("a\0b"), HOUR).await.expect_err("there is no NUL in a text");
        assert!(!error.is_retryable() && !error.is_claim_lost(), "{error:?}");
    }
}
