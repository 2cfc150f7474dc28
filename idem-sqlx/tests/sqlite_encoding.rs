//! Keys, outcomes and messages are exact in a database of UTF-16.
#![cfg(feature = "sqlite")]

mod common;

use std::time::Duration;

use common::{Folder, HOUR, TestDatabase as _, acquire, outcome, request};
use idem_core::{Abandoned, ClaimDecision, ClaimRequest, Extension, Key, Operator as _, Scope, Store as _};
use idem_sqlx::{Advance, Inbox, SqliteStore};
use sqlx::sqlite::SqlitePoolOptions;

/// In UTF-16 some of these come before the control characters.
const SCOPES: [&str; 5] = ["payments", "Āpayments", "\u{3000}日本", "中国", "🦀"];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn keys_outcomes_and_messages_are_exact_in_utf_16() {
    for encoding in ["'UTF-16le'", "'UTF-16be'"] {
        let folder = Folder::empty().await;
        let options = folder.connect_options().pragma("encoding", encoding);
        let pool = SqlitePoolOptions::new().max_connections(2).connect_with(options).await.expect("a pool");
        let store = SqliteStore::new(pool.clone());
        store.migrate().await.expect("an empty database");
        let found: String = sqlx::query_scalar("PRAGMA encoding").fetch_one(&pool).await.expect("an encoding");
        assert_eq!(format!("'{found}'"), encoding);

        for scope in SCOPES {
            let key = |part: &str| Key::new(Scope::from_static(scope), &(scope, part)).expect("a key");
            let claim = acquire(&store, &request(&key("done"))).await;
            assert_eq!(claim.attempt, 1, "{encoding}: {scope}");
            for extended in store.extend_all(&[Extension { claim: claim.clone(), lease: HOUR * 2 }]).await {
                extended.expect("the claim is held");
            }
            let text = format!("\"{scope}\"");
            store.complete(&claim, &outcome(&text), HOUR).await.expect("the claim is held");
            let again = store.claim(&request(&key("done"))).await.expect("an answer");
            assert_eq!(again, ClaimDecision::Replay(outcome(&text)), "{encoding}");
            let unknown = request(&key("unknown"));
            acquire(&store, &ClaimRequest { lease: Duration::ZERO, abandoned: Abandoned::Refuse, ..unknown }).await;
        }
        let mut listed = Vec::new();
        let mut from = None;
        loop {
            let page = store.abandoned(from.as_ref(), 2).await.expect("a page");
            listed.extend(page.claims.into_iter().map(|claim| claim.key.scope().as_str().to_owned()));
            from = page.next;
            if from.is_none() {
                break;
            }
        }
        listed.sort();
        let mut scopes = SCOPES;
        scopes.sort_unstable();
        assert_eq!(listed, scopes, "{encoding}");

        let inbox = Inbox::new("бухгалтерия").expect("a name");
        inbox.migrate(&pool).await.expect("new tables");
        let mut tx = pool.begin_with("BEGIN IMMEDIATE").await.expect("a transaction");
        assert!(inbox.first_time(&mut tx, "日本").await.expect("an answer"), "{encoding}");
        let new = inbox.first_times(&mut tx, &["中国", "日本", "東京"]).await.expect("an answer");
        assert_eq!(new, [true, false, true], "{encoding}");
        for (sequence, advance) in [(1, Advance::First), (2, Advance::Next), (2, Advance::Duplicate)] {
            assert_eq!(inbox.advance(&mut tx, "日本", sequence).await.expect("an answer"), advance, "{encoding}");
        }
        tx.commit().await.expect("a commit");
    }
}
