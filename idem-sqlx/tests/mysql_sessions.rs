//! The store works, and tells the same, whatever the application sets for its sessions and its database.
#![cfg(feature = "mysql")]

mod common;
mod mysql_common;

use std::time::Duration;

use common::mysql::Database;
use common::{HOUR, TestDatabase, acquire, finish, key, outcome, request};
use idem_core::IssueDecision::{Issued, Taken};
use idem_core::{Admission, ClaimDecision, ClaimRequest, Key, Origin, Resolution, Scope, Store};
use idem_sqlx::MySqlStore;
use mysql_common::pool_after;

/// Goes through every statement of the store.
async fn works(store: &MySqlStore, name: &str) {
    let lapsed = acquire(store, &ClaimRequest { lease: Duration::ZERO, ..request(&key(name)) }).await;
    let claim = acquire(store, &request(&key(name))).await;
    assert_eq!((claim.origin, claim.attempt), (Origin::Takeover, 2), "{name}");
    assert!(claim.fence > lapsed.fence);
    store.extend(&claim, HOUR).await.expect("the claim is held");
    let found = store.lookup(&claim.key).await.expect("an answer").expect("a record").record;
    assert_eq!((found.fence, found.claim_id), (claim.fence, Some(claim.claim_id)), "{name}");
    store.release(&claim).await.expect("the claim is held");
    let claim = acquire(store, &request(&key(name))).await;
    let text = r#"{"it's":"a \\ \"quote\"","ünï":"🦀"}"#;
    store.complete(&claim, &outcome(text), HOUR).await.expect("the claim is held");
    assert_eq!(store.claim(&request(&key(name))).await.expect("an answer"), ClaimDecision::Replay(outcome(text)));

    for (lifetime, answer) in [(Duration::ZERO, Issued), (HOUR, Issued), (HOUR, Taken)] {
        assert_eq!(store.issue(&key(&(name, "token")), lifetime).await.expect("an answer"), answer, "{name}");
    }
    let token = ClaimRequest { admission: Admission::IssuedOnly, ..request(&key(&(name, "token"))) };
    assert_eq!(acquire(store, &token).await.attempt, 1, "{name}");

    let unknown = ClaimRequest { lease: Duration::ZERO, ..request(&key(&(name, "unknown"))) };
    let claim = acquire(store, &unknown).await;
    store.resolve(&claim.key, claim.claim_id, &Resolution::Rerun).await.expect("it has lapsed");
    let claim = acquire(store, &ClaimRequest { claim_id: idem_core::ClaimId::random(), ..unknown }).await;
    let settled = Resolution::Finish { outcome: outcome("1"), retention: Duration::ZERO };
    store.resolve(&claim.key, claim.claim_id, &settled).await.expect("it has lapsed");
    assert_eq!(store.purge_expired(10).await.expect("removed"), 1, "{name}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs a server: cargo xtask test"]
async fn every_statement_works_whatever_the_session_has_set() {
    let database = Database::migrated().await;
    let settings = [
        "SET sql_mode = ''",
        "SET sql_mode = 'STRICT_ALL_TABLES,ONLY_FULL_GROUP_BY,NO_ZERO_DATE,ERROR_FOR_DIVISION_BY_ZERO'",
        "SET sql_mode = 'ANSI_QUOTES'",
        "SET sql_mode = 'NO_BACKSLASH_ESCAPES'",
        "SET sql_mode = 'PIPES_AS_CONCAT'",
        "SET sql_mode = 'ANSI,TRADITIONAL,NO_BACKSLASH_ESCAPES,HIGH_NOT_PRECEDENCE,IGNORE_SPACE,NO_UNSIGNED_SUBTRACTION'",
        "SET collation_connection = utf8mb4_general_ci",
        "SET collation_connection = utf8mb4_unicode_ci",
        "SET innodb_lock_wait_timeout = 1",
        "SET div_precision_increment = 0",
    ];
    for setting in settings {
        works(&MySqlStore::new(pool_after(&database, 2, setting.to_owned()).await), setting).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs a server: cargo xtask test"]
async fn mysql_datetime_precision_and_timezone() {
    let database = Database::migrated().await;
    let utc = database.store().await;
    // The last has an hour that comes twice and one that never comes; it needs the server's tables of zones.
    for zone in ["+05:30", "-12:00", "+13:00", "SYSTEM", "Europe/Berlin"] {
        let known = database.number(&format!("SELECT CONVERT_TZ('2025-01-01', '+00:00', '{zone}') IS NOT NULL")).await;
        if known == 0 {
            continue;
        }
        let away = MySqlStore::new(pool_after(&database, 2, format!("SET time_zone = '{zone}'")).await);
        let wanted = request(&key(zone));
        let claim = acquire(&away, &wanted).await;
        let [here, there] = [&utc, &away].map(|store| store.lookup(&wanted.key));
        let (here, there) = (here.await.expect("an answer").expect("a record"), there.await.expect("an answer"));
        let there = there.expect("a record");
        assert_eq!(here.record, there.record);
        let passed = there.now.since(here.now);
        assert!(passed < Duration::from_mins(5) && there.now >= here.now, "{zone}: {passed:?}");
        let in_progress = utc.claim(&ClaimRequest { claim_id: idem_core::ClaimId::random(), ..wanted }).await;
        assert!(matches!(in_progress, Ok(ClaimDecision::InProgress { lease_left }) if lease_left <= HOUR), "{zone}");
        away.release(&claim).await.expect("the claim is held");
    }
    // In a unit coarser than a microsecond, all of these would be multiples of it.
    let instants = "SELECT created_at % 1000 FROM idem_records";
    for round in 0..20 {
        finish(&utc, &key(&round), "1").await;
    }
    assert!(database.texts(instants).await.iter().any(|micros| micros != "0"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs a server: cargo xtask test"]
async fn scopes_and_keys_are_exact_whatever_the_collation_of_the_database() {
    for charset in ["utf8mb4 COLLATE utf8mb4_general_ci", "utf8mb4 COLLATE utf8mb4_unicode_ci", "latin1", "ucs2"] {
        let database = Database::empty().await;
        database.execute(&format!("ALTER DATABASE {} CHARACTER SET {charset}", database.name())).await;
        let store = database.store().await;
        store.migrate().await.expect("an empty database");
        let scopes = ["a", "A", "a ", " a", "ä", "Ä", "a.b", "🦀", "🐙", "日"];
        let keys = ["x", "X", "x ", "ß", "ss", "e\u{301}", "é", "🦀", "🐙"];
        let mut claims = Vec::new();
        for scope in scopes {
            for name in keys {
                let key = Key::new(Scope::from_static(scope), name).expect("a key");
                let claim = acquire(&store, &request(&key)).await;
                assert_eq!(claim.attempt, 1, "{charset}: {key:?}");
                let text = format!("\"{scope}/{name}\"");
                store.complete(&claim, &outcome(&text), HOUR).await.expect("the claim is held");
                claims.push((key, text));
            }
        }
        for (key, text) in claims {
            let replayed = store.claim(&request(&key)).await.expect("an answer");
            assert_eq!(replayed, ClaimDecision::Replay(outcome(&text)), "{charset}");
        }
        let readable = "SELECT CONCAT(scope, `key`) FROM idem_records_readable WHERE scope = '日' AND `key` = '\"ß\"'";
        assert_eq!(database.texts(readable).await, ["日\"ß\""], "{charset}");
    }
}
