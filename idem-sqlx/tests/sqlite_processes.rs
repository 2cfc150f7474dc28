//! Several processes on one file. The children are this binary, started again for one of its tests.
#![cfg(feature = "sqlite")]

mod common;

use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use common::{Folder, HOUR, finish, key, outcome, request};
use idem_core::{ClaimDecision, Store};
use idem_sqlx::SqliteStore;
use tokio::task::JoinSet;

/// Where the children find the database. A test that is a child does nothing without it.
const DATABASE: &str = "IDEM_TEST_DATABASE";
const KEYS: u32 = 25;

#[tokio::test]
async fn sqlite_two_processes() {
    let folder = Folder::new();
    let store = folder.opened().await;
    sqlx::query("CREATE TABLE executions (key INTEGER NOT NULL) STRICT")
        .execute(store.pool())
        .await
        .expect("a new table");

    run_children(&folder, "child_calls_every_key", 3);

    let executed: Vec<(i64, i64)> = sqlx::query_as("SELECT key, count(*) FROM executions GROUP BY key ORDER BY key")
        .fetch_all(store.pool())
        .await
        .expect("the executions");
    assert_eq!(executed, (0..i64::from(KEYS)).map(|key| (key, 1)).collect::<Vec<_>>());
}

#[tokio::test(flavor = "multi_thread")]
async fn child_calls_every_key() {
    let Some(database) = child() else { return };
    let store = SqliteStore::open(database).await.expect("the database of the parent");
    let mut callers = JoinSet::new();
    for caller in 0..4 {
        let store = store.clone();
        callers.spawn(async move {
            for number in 0..KEYS {
                call_once(&store, (number + caller * 5) % KEYS).await;
            }
        });
    }
    callers.join_all().await;
}

/// Runs the body of a key, or waits for who runs it.
async fn call_once(store: &SqliteStore, number: u32) {
    let request = request(&key(&number));
    loop {
        match store.claim(&request).await {
            Ok(ClaimDecision::Acquired(claim)) => {
                let execute = sqlx::query("INSERT INTO executions VALUES (?1)").bind(number);
                execute.execute(store.pool()).await.expect("the body");
                store.complete(&claim, &outcome("1"), HOUR).await.expect("the claim is held");
            }
            Ok(ClaimDecision::Replay(replayed)) => return assert_eq!(replayed, outcome("1")),
            Ok(ClaimDecision::InProgress { .. }) => tokio::time::sleep(Duration::from_millis(1)).await,
            Err(error) if error.is_retryable() => {}
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test]
async fn ten_processes_may_make_the_same_file() {
    for _ in 0..3 {
        let folder = Folder::new();
        run_children(&folder, "child_opens_and_calls", 10);
        let store = folder.opened().await;
        store.migrate().await.expect("it is there");
        store.migrate().await.expect("it is still there");
        let done: i64 = sqlx::query_scalar("SELECT count(*) FROM idem_records_readable WHERE state = 'completed'")
            .fetch_one(store.pool())
            .await
            .expect("a number");
        assert_eq!(done, 10);
    }
}

#[tokio::test]
async fn child_opens_and_calls() {
    let Some(database) = child() else { return };
    let store = SqliteStore::open(database).await.expect("a database, made by whoever came first");
    finish(&store, &key(&std::process::id()), "1").await;
}

fn child() -> Option<PathBuf> {
    std::env::var_os(DATABASE).map(PathBuf::from)
}

fn run_children(folder: &Folder, test: &str, count: usize) {
    let binary = std::env::current_exe().expect("this binary");
    let start = |_| {
        Command::new(&binary)
            .args([test, "--exact", "--nocapture"])
            .env(DATABASE, folder.file())
            .stdout(Stdio::null())
            .spawn()
            .expect("a child")
    };
    let children: Vec<Child> = (0..count).map(start).collect();
    for mut child in children {
        assert!(child.wait().expect("the child").success());
    }
}
