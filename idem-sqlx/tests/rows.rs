//! What stands in the table: rows of older releases, rows that nobody wrote, keys and outcomes that look like SQL.
#![cfg(any(feature = "sqlite", feature = "postgres", feature = "mysql"))]

mod common;

use std::collections::BTreeSet;
use std::time::Duration;

use common::{HOUR, TestDatabase, acquire, fingerprint, finish, key, outcome, request};
use idem_core::{
    Abandoned, Admission, ClaimDecision, ClaimId, ClaimRequest, Codec, Fence, Fingerprint, Key, Operator as _, Outcome,
    OutcomeKind, Scope, Store,
};

common::on_each_database! {
    upgrade_old_rows_readable
    unknown_status_value
    a_damaged_record_does_not_hide_what_waits_for_an_operator
    key_case_and_trailing_space_significant
    unicode_normalisation_not_applied
    injection_chars_in_key
    binary_and_unicode_results
    a_fence_that_is_ahead_of_the_clock_still_grows_and_is_not_forgotten
    a_fingerprint_survives_renewal_and_completion
}

async fn upgrade_old_rows_readable<D: TestDatabase>(_: &D) {
    let database = D::empty().await;
    database.execute(D::OLD_TABLE).await;
    let store = database.store().await;
    D::migrate(&store).await.expect("the table of an older release");

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

/// Neither the first migration nor the golden files change any more once they have been released.
#[test]
fn the_golden_tables_are_those_of_the_first_migration() {
    fn check<D: TestDatabase>() {
        let statements = |sql: &str| {
            let lines: Vec<_> = sql.lines().map(|line| line.split("--").next().unwrap_or_default()).collect();
            let mut sql = lines.join(" ").replace("IF NOT EXISTS ", "");
            while let Some((before, comment)) = sql.split_once(" COMMENT '") {
                let (_, after) = comment.split_once('\'').expect("a comment ends");
                sql = before.to_owned() + after;
            }
            let words: Vec<_> = sql.split_whitespace().collect();
            words.join(" ").split("; ").map(|statement| statement.trim_end_matches(';').to_owned()).collect::<Vec<_>>()
        };
        let (golden, migration) = (statements(D::OLD_TABLE), statements(D::MIGRATION));
        // The last one inserts the rows.
        let makes = &golden[..golden.len() - 1];
        assert!(!makes.is_empty());
        assert_eq!(makes, &migration[..makes.len()]);
    }

    #[cfg(feature = "sqlite")]
    check::<common::sqlite::Folder>();
    #[cfg(feature = "postgres")]
    check::<common::postgres::Schema>();
    #[cfg(feature = "mysql")]
    check::<common::mysql::Database>();
}

async fn unknown_status_value<D: TestDatabase>(_: &D) {
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
        "state = 'running', lease_until = 1, abandoned = 'maybe'",
    ];
    let database = D::empty().await;
    database.execute(&without_checks(D::MIGRATION)).await;
    let store = database.store().await;
    for edit in edits {
        let damaged = ClaimRequest { claim_id: ClaimId::from_bytes([0xab; 16]), ..request(&key(edit)) };
        let claim = acquire(&store, &damaged).await;
        store.complete(&claim, &outcome("1"), HOUR).await.expect("the claim is held");
        database.execute(&format!("UPDATE idem_records SET {edit} WHERE state = 'completed'")).await;
        let before = database.rows("SELECT * FROM idem_records").await;

        let error = store.claim(&request(&key(edit))).await.expect_err(edit);
        assert!(error.is_corrupt() && !error.is_retryable(), "{edit}: {error:?}");
        assert!(store.lookup(&key(edit)).await.expect_err(edit).is_corrupt());
        assert_eq!(database.rows("SELECT * FROM idem_records").await, before, "{edit}");
        database.execute("DELETE FROM idem_records").await;
    }
}

/// What somebody damaged is left out, its key included, before, between and behind the others.
async fn a_damaged_record_does_not_hide_what_waits_for_an_operator<D: TestDatabase>(_: &D) {
    let database = D::empty().await;
    database.execute(&without_checks(D::MIGRATION)).await;
    let store = database.store().await;
    let (quote, mut waiting) = (D::QUOTE, BTreeSet::new());
    for number in 0..10 {
        let lapsed = ClaimRequest { lease: Duration::ZERO, abandoned: Abandoned::Refuse, ..request(&key(&number)) };
        acquire(&store, &lapsed).await;
        let damage = match number {
            0 | 1 => "scope = '!\t'",
            2..=5 => "scope = 'zz\t'",
            9 => "attempts = -1",
            _ => {
                waiting.insert(lapsed.key.text().to_owned());
                continue;
            }
        };
        database.execute(&format!("UPDATE idem_records SET {damage} WHERE {quote}key{quote} = '{number}'")).await;
    }
    for limit in [1, 2, 100] {
        let (mut listed, mut next) = (BTreeSet::new(), None);
        loop {
            let page = store.abandoned(next.as_ref(), limit).await.expect("a page");
            assert!(page.claims.len() <= usize::try_from(limit).expect("a few"), "{limit} at a time");
            listed.extend(page.claims.into_iter().map(|claim| claim.key.text().to_owned()));
            next = page.next;
            if next.is_none() {
                break;
            }
        }
        assert_eq!(listed, waiting, "{limit} at a time");
    }
}

/// A migration whose checks hold for any row.
fn without_checks(migration: &str) -> String {
    let mut parts = migration.split("CHECK (");
    let mut without = parts.next().expect("there is a first part").to_owned();
    for part in parts {
        let mut depth = 1;
        let end = part.find(|character| {
            depth += i32::from(character == '(') - i32::from(character == ')');
            depth == 0
        });
        without += "CHECK (state = state";
        without += &part[end.expect("a check ends")..];
    }
    assert!(without.matches("CHECK (state = state)").count() > 5);
    without
}

async fn key_case_and_trailing_space_significant<D: TestDatabase>(database: &D) {
    each_is_its_own_key(database, &["order", "Order", "ORDER", "order ", " order", "order  ", "order\u{a0}"]).await;
}

async fn unicode_normalisation_not_applied<D: TestDatabase>(database: &D) {
    // Composed, decomposed, without the accent, with a Cyrillic `е`, sharp s and its two letters, full width.
    let texts = ["ordér", "orde\u{301}r", "order", "ordеr", "straße", "strasse", "ｏrder", "ﬁx", "fix", "İ", "i"];
    each_is_its_own_key(database, &texts).await;
}

async fn injection_chars_in_key<D: TestDatabase>(database: &D) {
    each_is_its_own_key(
        database,
        &[
            "'; DROP TABLE idem_records; --",
            "' OR '1'='1",
            "\\'; DROP TABLE idem_records; --",
            "%",
            "_",
            "?1",
            ":key @key $1 {}",
            "$$",
            "\"",
            "'",
            "''",
            "`",
            "\\",
            "\\\\",
            "\\x41",
            "A",
            "a\0b",
            "a\0c",
            "a",
            "\n",
            "😀",
            "\u{202e}",
            "\u{feff}",
        ],
    )
    .await;
}

/// As keys, as scopes where they can be one, and as the text of a key that no release of this library writes.
async fn each_is_its_own_key<D: TestDatabase>(database: &D, texts: &[&str]) {
    let in_scope = |text: &str| Scope::new(text.to_owned()).and_then(|scope| Key::new(scope, "k")).ok();
    // The text of a key has no NUL, which PostgreSQL could not keep.
    let raw = |text: &str| (!text.contains('\0')).then(|| Key::from_stored(Scope::from_static("raw"), text));
    let keys: Vec<Key> =
        texts.iter().flat_map(|&text| [Some(key(text)), in_scope(text), raw(text)]).flatten().collect();
    let stores = stores(database).await;
    for (number, key) in keys.iter().enumerate() {
        finish(&stores[number % stores.len()], key, &number.to_string()).await;
    }
    for store in &stores {
        for (number, key) in keys.iter().enumerate() {
            let replay = ClaimDecision::Replay(outcome(&number.to_string()));
            assert_eq!(store.claim(&request(key)).await.expect("an answer"), replay, "{}", key.text());
        }
    }
}

/// What JSON and the driver have their own marks for, and an outcome of a mebibyte.
async fn binary_and_unicode_results<D: TestDatabase>(database: &D) {
    let mut texts = vec!["é".repeat(1 << 19), "'".repeat(1000), "\\".repeat(1001)];
    for value in ["", "😀", "a\0b", "a\\b", "'", "''", "\"", "\\'", "$1 ?1 :a", "%s", "\r\n\t", "\u{202e}\u{feff}"] {
        texts.push(format!("{value:?}"));
        texts.push(value.replace('\0', "\\u0000"));
    }
    let stores = stores(database).await;
    for (number, text) in texts.iter().enumerate() {
        finish(&stores[number % stores.len()], &key(&number), text).await;
    }
    for store in &stores {
        for (number, text) in texts.iter().enumerate() {
            let replay = ClaimDecision::Replay(outcome(text));
            assert!(store.claim(&request(&key(&number))).await.expect("an answer") == replay, "{number}");
        }
    }
}

/// One for each way to connect.
async fn stores<D: TestDatabase>(database: &D) -> Vec<D::Store> {
    let mut stores = Vec::new();
    for options in database.ways_to_connect() {
        stores.push(D::store_on(D::pool_with(2, options).await));
    }
    stores
}

async fn a_fence_that_is_ahead_of_the_clock_still_grows_and_is_not_forgotten<D: TestDatabase>(database: &D) {
    let store = database.store().await;
    let ended = ClaimRequest { lease: Duration::ZERO, retention: Duration::ZERO, ..request(&key("k")) };
    acquire(&store, &ended).await;
    database.execute("UPDATE idem_records SET fence = fence + 3600000000").await;
    let ahead = database.number("SELECT fence FROM idem_records").await;

    // Expired; taken over; released; its own.
    let expired = acquire(&store, &ClaimRequest { retention: HOUR, ..ended.clone() }).await;
    let lapsed = acquire(&store, &ClaimRequest { lease: HOUR, ..request(&key("k")) }).await;
    store.release(&lapsed).await.expect("the claim is held");
    let last = ClaimRequest { claim_id: ClaimId::random(), ..ended };
    let released = acquire(&store, &last).await;
    let fences = [expired, lapsed, released].map(|claim| claim.fence.number() - ahead);
    assert_eq!(fences, [1, 2, 3]);

    assert_eq!(store.purge_expired(10).await.expect("a number"), 0);
    assert_eq!(acquire(&store, &last).await.fence.number() - ahead, 4);
}

async fn a_fingerprint_survives_renewal_and_completion<D: TestDatabase>(database: &D) {
    let store = database.store().await;
    let wanted = request(&key("k"));
    let claim = acquire(&store, &wanted).await;
    store.extend(&claim, HOUR).await.expect("the claim is held");
    store.complete(&claim, &outcome("1"), HOUR).await.expect("the claim is held");
    let observed = store.lookup(&wanted.key).await.expect("an answer").expect("a record");
    assert_eq!(observed.record.fingerprint, Some(fingerprint(1)));
}
