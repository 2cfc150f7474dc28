//! What stands in the table: rows of older releases, rows that nobody wrote, keys that look like SQL.
#![cfg(feature = "sqlite")]

mod common;

use std::time::Duration;

use common::{Folder, HOUR, acquire, fingerprint, finish, key, outcome, request};
use idem_core::{
    Abandoned, Admission, ClaimDecision, ClaimRequest, Codec, Fence, Fingerprint, Key, Outcome, OutcomeKind, Scope,
    Store,
};
use idem_sqlx::SqliteStore;
use sqlx::{AssertSqlSafe, SqlitePool};

#[tokio::test]
async fn upgrade_old_rows_readable() {
    let folder = Folder::new();
    let pool = folder.pool(2, HOUR).await;
    sqlx::raw_sql(include_str!("golden/sqlite_0_1.sql")).execute(&pool).await.expect("a dump");
    let store = SqliteStore::new(pool);
    store.migrate().await.expect("the table of an older release");

    let ask =
        async |key: Key| store.claim(&ClaimRequest { fingerprint: None, ..request(&key) }).await.expect("an answer");
    let kept =
        |kind, codec, version, text: &str| ClaimDecision::Replay(Outcome { kind, codec, version, text: text.into() });
    let (value, failure) = (OutcomeKind::Value, OutcomeKind::Error);
    assert_eq!(ask(key(&("acme", 17))).await, kept(value, Codec::Json, 1, r#"{"receipt":"r-1"}"#));
    assert_eq!(ask(key(&("acme", 18))).await, kept(failure, Codec::Json, 2, r#""card declined""#));
    assert_eq!(ask(key(&("acme", 19))).await, kept(value, Codec::Omitted, 1, ""));
    assert!(matches!(ask(key(&("acme", 20))).await, ClaimDecision::InProgress { .. }));
    assert_eq!(ask(key("größe 'x' \"y\"\n")).await, kept(value, Codec::Json, 1, "null"));
    assert_eq!(ask(key(&"k".repeat(300))).await, kept(value, Codec::Json, 1, r#"["long"]"#));

    let payload = |payload: &(&str, i32)| Some(Fingerprint::of(payload).expect("a payload"));
    let paid = key(&("acme", 17));
    let same = ClaimRequest { fingerprint: payload(&("acme", 1250)), ..request(&paid) };
    let other = ClaimRequest { fingerprint: payload(&("acme", 1251)), ..request(&paid) };
    assert!(matches!(store.claim(&same).await, Ok(ClaimDecision::Replay(_))));
    assert!(matches!(store.claim(&other).await, Ok(ClaimDecision::Mismatch)));

    let refused = ClaimRequest { abandoned: Abandoned::Refuse, ..request(&key(&("acme", 21))) };
    assert!(matches!(store.claim(&refused).await, Ok(ClaimDecision::Abandoned)));
    assert_eq!(acquire(&store, &request(&key(&("acme", 22)))).await.attempt, 5);
    let token = Key::new(Scope::from_static("forms"), [0x5f_u8].as_slice()).expect("a key");
    let claim = acquire(&store, &ClaimRequest { admission: Admission::IssuedOnly, ..request(&token) }).await;
    assert_eq!(claim.attempt, 1);
    assert!(claim.fence > Fence::from_number(1_795_271_000_000_008));
}

#[tokio::test]
async fn unknown_status_value() {
    let edits = [
        "state = 'paused'",
        "state = ''",
        "codec = 'xml'",
        "codec = NULL",
        "outcome = NULL",
        "outcome_version = -1",
        "outcome_version = 4294967296",
        "attempts = -1",
        "claim_id = 'somebody'",
        "claim_id = upper(claim_id)",
        "fingerprint = 'abc'",
        "fingerprint_version = NULL",
        "fingerprint_version = 256",
        "state = 'running'",
        "state = 'running', lease_until = 1",
        "state = 'running', lease_until = 1, abandoned = 'perhaps'",
    ];
    let folder = Folder::new();
    let pool = folder.pool(1, HOUR).await;
    let store = SqliteStore::new(pool.clone());
    store.migrate().await.expect("a new database");
    sqlx::raw_sql("PRAGMA ignore_check_constraints = ON").execute(&pool).await.expect("a pragma");
    for edit in edits {
        let damaged = ClaimRequest { claim_id: idem_core::ClaimId::from_bytes([0xab; 16]), ..request(&key(edit)) };
        let claim = acquire(&store, &damaged).await;
        store.complete(&claim, &outcome("1"), HOUR).await.expect("the claim is held");
        execute(&pool, &format!("UPDATE idem_records SET {edit} WHERE state = 'completed'")).await;
        let before = rows(&pool).await;

        let error = store.claim(&request(&key(edit))).await.expect_err(edit);
        assert!(error.is_corrupt() && !error.is_retryable(), "{edit}: {error:?}");
        assert!(store.lookup(&key(edit)).await.expect_err(edit).is_corrupt());
        assert_eq!(rows(&pool).await, before, "{edit}");
        execute(&pool, "DELETE FROM idem_records").await;
    }
}

#[tokio::test]
async fn a_column_of_another_type_is_corrupt() {
    let folder = Folder::new();
    let pool = folder.pool(1, HOUR).await;
    execute(&pool, &include_str!("../migrations/sqlite/0001_idem_records.sql").replace(") STRICT", ")")).await;
    let store = SqliteStore::new(pool.clone());
    finish(&store, &key("typed"), "1").await;
    for edit in ["fence = 'x'", "expires_at = 1.5", "outcome = x'ff'"] {
        execute(&pool, &format!("UPDATE idem_records SET {edit}")).await;
        let error = store.claim(&request(&key("typed"))).await.expect_err(edit);
        assert!(error.is_corrupt(), "{edit}: {error:?}");
    }
}

#[tokio::test]
async fn key_case_and_trailing_space_significant() {
    each_is_its_own_key(&["order", "Order", "ORDER", "order ", " order", "order  ", "ordér", "orde\u{301}r", "ordеr"])
        .await;
}

#[tokio::test]
async fn injection_chars_in_key() {
    each_is_its_own_key(&[
        "'; DROP TABLE idem_records; --",
        "' OR '1'='1",
        "%",
        "_",
        "?1",
        ":key @key $1 {}",
        "\"",
        "\\",
        "a\0b",
        "a\0c",
        "a",
        "\n",
        "😀",
        "\u{202e}",
    ])
    .await;
}

/// As keys, as scopes where they can be one, and as the text of a key that no release of this library writes.
async fn each_is_its_own_key(texts: &[&str]) {
    let folder = Folder::new();
    let store = folder.store().await;
    let in_scope = |text: &str| Scope::new(text.to_owned()).and_then(|scope| Key::new(scope, "k")).ok();
    let raw = |text: &str| Key::from_stored(Scope::from_static("raw"), text);
    let keys: Vec<Key> =
        texts.iter().flat_map(|&text| [Some(key(text)), in_scope(text), Some(raw(text))]).flatten().collect();
    for (number, key) in keys.iter().enumerate() {
        finish(&store, key, &number.to_string()).await;
    }
    for (number, key) in keys.iter().enumerate() {
        let replay = ClaimDecision::Replay(outcome(&number.to_string()));
        assert_eq!(store.claim(&request(key)).await.expect("an answer"), replay, "{}", key.text());
    }
}

#[tokio::test]
async fn a_fence_that_is_ahead_of_the_clock_still_grows_and_is_not_forgotten() {
    let folder = Folder::new();
    let store = folder.store().await;
    let ended = ClaimRequest { lease: Duration::ZERO, retention: Duration::ZERO, ..request(&key("k")) };
    acquire(&store, &ended).await;
    let ahead: i64 = sqlx::query_scalar("UPDATE idem_records SET fence = fence + 3600000000 RETURNING fence")
        .fetch_one(store.pool())
        .await
        .expect("a fence");

    // Expired; taken over; released; its own.
    let expired = acquire(&store, &ClaimRequest { retention: HOUR, ..ended.clone() }).await;
    let lapsed = acquire(&store, &ClaimRequest { lease: HOUR, ..request(&key("k")) }).await;
    store.release(&lapsed).await.expect("the claim is held");
    let last = ClaimRequest { claim_id: idem_core::ClaimId::random(), ..ended };
    let released = acquire(&store, &last).await;
    let fences = [expired, lapsed, released].map(|claim| claim.fence.number() - ahead);
    assert_eq!(fences, [1, 2, 3]);

    assert_eq!(store.purge_expired(10).await.expect("a number"), 0);
    assert_eq!(acquire(&store, &last).await.fence.number() - ahead, 4);
}

#[tokio::test]
async fn a_fingerprint_survives_renewal_and_completion() {
    let folder = Folder::new();
    let store = folder.store().await;
    let wanted = request(&key("k"));
    let claim = acquire(&store, &wanted).await;
    store.extend(&claim, HOUR).await.expect("the claim is held");
    store.complete(&claim, &outcome("1"), HOUR).await.expect("the claim is held");
    let observed = store.lookup(&wanted.key).await.expect("an answer").expect("a record");
    assert_eq!(observed.record.fingerprint, Some(fingerprint(1)));
}

async fn execute(pool: &SqlitePool, sql: &str) {
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(pool).await.expect("SQL of this test");
}

/// Everything in the table, as text.
async fn rows(pool: &SqlitePool) -> Vec<String> {
    let row = "scope || key || state || quote(claim_id) || fence || attempts || quote(fingerprint) || \
               quote(fingerprint_version) || quote(abandoned) || quote(lease_until) || expires_at || quote(codec) || \
               quote(outcome_version) || quote(outcome) || created_at || updated_at";
    sqlx::query_scalar(AssertSqlSafe(format!("SELECT {row} FROM idem_records")))
        .fetch_all(pool)
        .await
        .expect("the rows")
}
