//! Keys, outcomes and messages are exact, and the same for everybody, whatever character set a session has.
#![cfg(feature = "mysql")]

mod common;
mod mysql_common;

use std::time::Duration;

use common::mysql::Database;
use common::{HOUR, TestDatabase as _, acquire, outcome, request};
use idem_core::{
    Abandoned, Admission, Answer, ClaimDecision, ClaimRequest, Error, Extension, IssueDecision, Key, Operation,
    Operator as _, Resolution, Scope, Store as _,
};
use idem_sqlx::{Advance, Inbox, MySqlStore};
use mysql_common::pool_after;

/// What an application may do to its sessions after sqlx has set them to `utf8mb4`.
const SETTINGS: [&str; 14] = [
    // Sets `character_set_connection` to that of the database.
    "SET CHARACTER SET utf8mb4",
    "SET collation_connection = latin1_swedish_ci",
    "SET collation_connection = ucs2_general_ci",
    "SET collation_connection = binary",
    "SET character_set_client = latin1",
    "SET character_set_results = latin1",
    "SET character_set_results = utf16",
    "SET character_set_results = NULL",
    "SET NAMES latin1",
    "SET NAMES ascii",
    "SET NAMES gbk",
    "SET NAMES sjis",
    "SET NAMES swe7",
    "SET NAMES binary",
];

const NAMES: [&str; 5] = ["日本", "中国", "é", "🦀", "it's a \\ \"quote\" [{|}]"];

async fn database() -> Database {
    let database = Database::empty().await;
    database.execute(&format!("ALTER DATABASE {} CHARACTER SET latin1", database.name())).await;
    database.store().await.migrate().await.expect("an empty database");
    database
}

fn scope() -> Scope {
    Scope::from_static("платежи.списать")
}

fn key(name: &str, part: &str) -> Key {
    Key::new(scope(), &(name, part)).expect("a key")
}

fn text(name: &str) -> String {
    serde_json::to_string(name).expect("JSON")
}

async fn replays(store: &MySqlStore, key: &Key, name: &str) {
    let again = store.claim(&request(key)).await.expect("an answer");
    assert_eq!(again, ClaimDecision::Replay(outcome(&text(name))), "{key:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs a server: cargo xtask test"]
async fn keys_and_outcomes_are_the_same_for_every_session() {
    for setting in SETTINGS {
        let database = database().await;
        let (store, plain) =
            (MySqlStore::new(pool_after(&database, 2, setting.to_owned()).await), database.store().await);
        for name in NAMES {
            let (running, done) = (key(name, "running"), key(name, "done"));
            let claim = acquire(&store, &request(&running)).await;
            assert_eq!(claim.attempt, 1, "{setting}: {name}");
            let held = plain.claim(&request(&running)).await;
            assert!(matches!(held, Ok(ClaimDecision::InProgress { .. })), "{setting}: {name}: {held:?}");
            let extensions = [Extension { claim: claim.clone(), lease: HOUR * 3 }];
            for extended in store.extend_all(&extensions).await {
                extended.unwrap_or_else(|error| panic!("{setting}: {name}: {error:?}"));
            }
            let found = store.lookup(&running).await.expect("an answer").expect("a record").record;
            assert_eq!((found.fence, found.claim_id), (claim.fence, Some(claim.claim_id)), "{setting}");
            store.release(&claim).await.expect("the claim is held");

            let claim = acquire(&store, &request(&done)).await;
            store.complete(&claim, &outcome(&text(name)), HOUR).await.expect("the claim is held");
        }
        for name in NAMES {
            replays(&store, &key(name, "done"), name).await;
            replays(&plain, &key(name, "done"), name).await;
        }
        let readable =
            "SELECT outcome FROM idem_records_readable WHERE `key` LIKE '(\"日本\",%' AND outcome IS NOT NULL";
        assert_eq!(database.texts(readable).await, ["\"日本\""], "{setting}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs a server: cargo xtask test"]
async fn tokens_and_what_operators_see_are_the_same_for_every_session() {
    for setting in SETTINGS {
        let database = database().await;
        let (store, plain) =
            (MySqlStore::new(pool_after(&database, 2, setting.to_owned()).await), database.store().await);
        for name in NAMES {
            let token = key(name, "token");
            assert_eq!(store.issue(&token, HOUR).await.expect("an answer"), IssueDecision::Issued, "{setting}: {name}");
            assert_eq!(plain.issue(&token, HOUR).await.expect("an answer"), IssueDecision::Taken, "{setting}: {name}");
            // The server's own errors are in the character set of the session, and sqlx reads UTF-8: then nobody knows.
            match store.issue(&token, HOUR).await {
                Ok(again) => assert_eq!(again, IssueDecision::Taken, "{setting}: {name}"),
                Err(error) => assert!(error.is_ambiguous(), "{setting}: {name}: {error:?}"),
            }
            let of_the_token = ClaimRequest { admission: Admission::IssuedOnly, ..request(&token) };
            assert_eq!(acquire(&store, &of_the_token).await.attempt, 1, "{setting}: {name}");

            let unknown = request(&key(name, "unknown"));
            let unknown = ClaimRequest { lease: Duration::ZERO, abandoned: Abandoned::Refuse, ..unknown };
            acquire(&plain, &unknown).await;
        }
        let mut listed = Vec::new();
        let mut from = None;
        loop {
            let page = store.abandoned(from.as_ref(), 2).await.expect("a page");
            listed.extend(page.claims);
            from = page.next;
            if from.is_none() {
                break;
            }
        }
        assert_eq!(listed.len(), NAMES.len(), "{setting}: {listed:?}");
        for name in NAMES {
            let claim = listed.iter().find(|claim| claim.key == key(name, "unknown"));
            let claim = claim.unwrap_or_else(|| panic!("{setting}: {name}: {listed:?}"));
            let resolution = Resolution::Finish { outcome: outcome(&text(name)), retention: HOUR };
            store.resolve(&claim.key, claim.claim_id, &resolution).await.expect("it has lapsed");
            replays(&plain, &claim.key, name).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs a server: cargo xtask test"]
async fn calls_in_a_transaction_are_the_same_for_every_session() {
    for setting in SETTINGS {
        let database = database().await;
        let (store, plain) =
            (MySqlStore::new(pool_after(&database, 2, setting.to_owned()).await), database.store().await);
        let call = async |store: &MySqlStore, name: &str| {
            let mut tx = store.pool().begin().await.expect("a transaction");
            let operation = Operation::new(scope().as_str().to_owned(), &name);
            let body = async |_tx, _| Ok::<_, Error>(name.to_owned());
            let answer = operation.run_in(store, &mut tx, body).await;
            tx.commit().await.expect("a commit");
            answer.unwrap_or_else(|error| panic!("{setting}: {name}: {error:?}"))
        };
        for name in NAMES {
            assert_eq!(call(&store, name).await, Answer::Executed(name.to_owned()), "{setting}");
        }
        for name in NAMES {
            assert_eq!(call(&store, name).await, Answer::Replayed(name.to_owned()), "{setting}");
            assert_eq!(call(&plain, name).await, Answer::Replayed(name.to_owned()), "{setting}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs a server: cargo xtask test"]
async fn messages_and_marks_are_the_same_for_every_session() {
    for setting in SETTINGS {
        let database = database().await;
        let (pool, plain) = (pool_after(&database, 2, setting.to_owned()).await, database.pool(2).await);
        let inbox = Inbox::new("бухгалтерия").expect("a name");
        inbox.migrate(&plain).await.expect("an empty database");
        let mut tx = pool.begin().await.expect("a transaction");
        for (number, name) in (7..).zip(NAMES) {
            assert!(inbox.first_time(&mut tx, name).await.expect("an answer"), "{setting}: {name}");
            assert_eq!(inbox.advance(&mut tx, name, number).await.expect("an answer"), Advance::First, "{setting}");
            let gap = inbox.advance_past(&mut tx, name, number + 2).await.expect("an answer");
            assert_eq!(gap, Advance::Gap { expected: number + 1 }, "{setting}");
        }
        let new = inbox.first_times(&mut tx, &["東京", "日本", "北京", "中国"]).await.expect("an answer");
        assert_eq!(new, [true, false, true, false], "{setting}");
        tx.commit().await.expect("a commit");

        let mut tx = plain.begin().await.expect("a transaction");
        let new = inbox.first_times(&mut tx, &["東京", "日本", "上海", "北京"]).await.expect("an answer");
        assert_eq!(new, [false, false, true, false], "{setting}");
        for (number, name) in (7..).zip(NAMES) {
            let next = inbox.advance(&mut tx, name, number + 3).await.expect("an answer");
            assert_eq!(next, Advance::Next, "{setting}: {name}");
        }
        tx.commit().await.expect("a commit");
    }
}
