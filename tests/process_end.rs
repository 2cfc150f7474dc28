//! The end of a process: what `drained` waits for, settles and says, with real processes on SQLite and PostgreSQL.
//!
//! This binary starts itself again as a worker, whose task is a function here. What a worker leaves is looked at by the next one.
#![cfg(unix)]

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use idem::{
    Abandoned, Answer, Error, Execution, InFlight, MemoryStore, Operation, SqliteStore, Store, drained, to_the_end,
};
use idem_core::contract::{Fault, Faulty, Method};
use rustix::process::{Resource, getrlimit, setrlimit};
use tokio::runtime::Runtime;
use tokio::sync::Barrier;

/// No claim lapses meanwhile.
const LEASE: Duration = Duration::from_hours(1);
const PATIENCE: Duration = Duration::from_mins(1);
const CALLS: u32 = 100;

/// What makes this binary a worker: the name of its task, and where its store is.
const TASK: &str = "IDEM_END_TASK";
const PLACE: &str = "IDEM_END_PLACE";

/// Runs a task in a process of its own, which has to end well.
fn in_a_process(task: &str, place: &str) {
    let worker = Command::new(std::env::current_exe().expect("this binary has a path"))
        .args(["--exact", "worker", "--nocapture", "--test-threads=1"])
        .env(TASK, task)
        .env(PLACE, place)
        .output()
        .expect("a process can be started");
    let (out, err) = (String::from_utf8_lossy(&worker.stdout), String::from_utf8_lossy(&worker.stderr));
    assert!(worker.status.success(), "{task}: {}\n{out}\n{err}", worker.status);
}

/// Not a test but a worker, when this binary was started as one.
#[test]
fn worker() {
    let (Ok(task), Ok(place)) = (std::env::var(TASK), std::env::var(PLACE)) else { return };
    match task.as_str() {
        "bodies that run" => bodies_that_run(&place),
        "outcomes on their way" => outcomes_on_their_way(&place),
        "a store that was away" => a_store_that_was_away(&place),
        "a closed pool" => a_closed_pool(&place),
        "everything is stored" => everything_is_stored(&place),
        "dropped bodies" => dropped_bodies(&place),
        "dropped bodies are free" => dropped_bodies_are_free(&place),
        "a body that does not end" => a_body_that_does_not_end(),
        "a transaction" => a_transaction(&place),
        "callers" => callers(),
        "no file left" => no_file_left(),
        unknown => panic!("`{unknown}` is not a task"),
    }
}

fn runtime() -> Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime")
}

async fn open(place: &str) -> Arc<dyn Store> {
    #[cfg(feature = "postgres")]
    if let Some((url, table)) = place.split_once('|') {
        let store = idem::PgStore::with_table(sqlx::PgPool::connect_lazy(url).expect("a URL"), table).expect("a name");
        store.migrate().await.expect("the table can be made");
        return idem::AsStore::as_store(&store);
    }
    idem::AsStore::as_store(&SqliteStore::open(place).await.expect("the file can be opened"))
}

fn operation(number: u32) -> Operation {
    Operation::new("end", &number).lease(LEASE)
}

/// The server stops while bodies run, some of them for callers that are gone.
fn bodies_that_run(place: &str) {
    runtime().block_on(async {
        let store = open(place).await;
        let running = Arc::new(Barrier::new(CALLS as usize + 1));
        let mut calls = Vec::new();
        for number in 0..CALLS {
            let (store, running) = (Arc::clone(&store), Arc::clone(&running));
            let call = to_the_end(async move {
                let body = async |_| {
                    running.wait().await;
                    tokio::time::sleep(Duration::from_millis(100)).await;
                    Ok::<_, Error>(number)
                };
                operation(number).run(&store, body).await
            });
            calls.push(tokio::spawn(call));
        }
        running.wait().await;
        for call in calls.iter().step_by(2) {
            call.abort();
        }
        let left = drained(PATIENCE).await;
        assert!(left.is_nothing(), "{left}");
    });
}

/// The runtime of the server is gone while outcomes are on their way to a slow store.
fn outcomes_on_their_way(place: &str) {
    let serving = runtime();
    serving.block_on(async {
        let slow = Faulty::new(open(place).await);
        slow.always(Method::Complete, Fault::Delays(Duration::from_millis(200)));
        for number in 0..CALLS {
            let slow = Arc::clone(&slow);
            tokio::spawn(async move { operation(number).run(&slow, async |_| Ok::<_, Error>(number)).await });
        }
        slow.called(Method::Complete, CALLS as usize).await;
    });
    serving.shutdown_background();
    let left = runtime().block_on(drained(PATIENCE));
    assert!(left.is_nothing(), "{left}");
}

/// The store comes back while the process waits for its end, and was away for so long that nobody asks it often.
fn a_store_that_was_away(place: &str) {
    runtime().block_on(async {
        let store = Faulty::new(open(place).await);
        store.always(Method::Complete, Fault::NotNow);
        for number in 0..CALLS {
            let call = operation(number).settle_within(Duration::ZERO);
            call.run(&store, async |_| Ok::<_, Error>(number)).await.expect("the caller gets its value");
        }
        let tried = store.calls(Method::Complete);
        let draining = tokio::spawn(drained(PATIENCE));
        store.called(Method::Complete, tried + CALLS as usize).await;
        store.heal();
        let left = draining.await.expect("no panic");
        assert!(left.is_nothing(), "{left}");
    });
}

/// The application closes its pool while bodies run, and then they return.
fn a_closed_pool(place: &str) {
    runtime().block_on(async {
        let store = SqliteStore::open(place).await.expect("the file can be opened");
        let (running, closed) =
            (Arc::new(Barrier::new(CALLS as usize + 1)), Arc::new(Barrier::new(CALLS as usize + 1)));
        let mut calls = tokio::task::JoinSet::new();
        for number in 0..CALLS {
            let (store, running, closed) = (store.clone(), Arc::clone(&running), Arc::clone(&closed));
            calls.spawn(async move {
                let body = async |_| {
                    running.wait().await;
                    closed.wait().await;
                    Ok::<_, Error>(number)
                };
                operation(number).settle_within(Duration::ZERO).run(&store, body).await
            });
        }
        running.wait().await;
        store.pool().close().await;
        closed.wait().await;
        for answer in calls.join_all().await {
            assert!(answer.is_ok(), "the caller gets its value: {answer:?}");
        }
        let left = drained(PATIENCE).await;
        assert!(left.is_nothing(), "{left}");
    });
}

fn everything_is_stored(place: &str) {
    runtime().block_on(async {
        let store = open(place).await;
        for number in 0..CALLS {
            let answer = operation(number).run(&store, async |_| Ok::<_, Error>(u32::MAX)).await;
            assert_eq!(answer.expect("there is an outcome"), Answer::Replayed(number));
        }
    });
}

/// A server that stops drops its handlers.
fn dropped_bodies(place: &str) {
    runtime().block_on(async {
        let store = open(place).await;
        let running = Arc::new(Barrier::new(CALLS as usize + 1));
        let mut calls = tokio::task::JoinSet::new();
        for number in 0..CALLS {
            let (store, running) = (Arc::clone(&store), Arc::clone(&running));
            calls.spawn(async move {
                let body = async |_| {
                    running.wait().await;
                    std::future::pending::<Result<u32, Error>>().await
                };
                let policy = if number == 0 { Abandoned::Refuse } else { Abandoned::Rerun };
                operation(number).abandoned(policy).run(&store, body).await
            });
        }
        running.wait().await;
        calls.shutdown().await;
        drop(store);
        let left = drained(PATIENCE).await;
        assert!(left.is_nothing(), "{left}");
    });
}

fn dropped_bodies_are_free(place: &str) {
    runtime().block_on(async {
        let store = open(place).await;
        let attempt = async |execution: Execution| Ok::<_, Error>(execution.attempt());
        let refused = operation(0).run(&store, attempt).await;
        assert!(refused.is_err_and(|error| error.is_abandoned()), "a person decides");
        for number in 1..CALLS {
            let answer = operation(number).run(&store, attempt).await;
            assert_eq!(answer.expect("the key is free"), Answer::Executed(2));
        }
    });
}

/// `drained` gives up when its time is over, and says what is left.
fn a_body_that_does_not_end() {
    runtime().block_on(async {
        let store = MemoryStore::new();
        let running = Arc::new(Barrier::new(2));
        let is_running = Arc::clone(&running);
        tokio::spawn(async move {
            let body = async |_| {
                running.wait().await;
                std::future::pending::<Result<u32, Error>>().await
            };
            operation(1).run(&store, body).await
        });
        is_running.wait().await;
        let left = drained(Duration::from_millis(50)).await;
        assert_eq!((left.running(), left.unsettled()), (1, 0), "{left}");
    });
}

/// A body inside a transaction of its caller is waited for too, and no call joins one any more.
fn a_transaction(place: &str) {
    runtime().block_on(async {
        let store = SqliteStore::open(place).await.expect("the file can be opened");
        let running = Arc::new(Barrier::new(2));
        let call = tokio::spawn({
            let (store, running) = (store.clone(), Arc::clone(&running));
            async move {
                let mut tx = store.pool().begin().await.expect("a transaction");
                let body = async move |_tx, _| {
                    running.wait().await;
                    std::future::pending::<Result<u32, Error>>().await
                };
                Operation::new("end", &1).run_in(&store, &mut tx, body).await
            }
        });
        running.wait().await;
        let left = drained(Duration::from_millis(50)).await;
        assert_eq!((left.running(), left.unsettled()), (1, 0), "{left}");
        call.abort();
        assert!(call.await.is_err_and(|error| error.is_cancelled()));
        assert!(drained(PATIENCE).await.is_nothing(), "nothing runs any more");
        let mut tx = store.pool().begin().await.expect("a transaction");
        let late = Operation::new("end", &2).run_in(&store, &mut tx, async |_tx, _| Ok::<_, Error>(2)).await;
        assert!(late.is_err_and(|error| error.is_draining()), "no new claims");
    });
}

/// New calls, and those that wait, are sent elsewhere. A body that runs may finish what it is at.
fn callers() {
    runtime().block_on(async {
        let store = MemoryStore::new();
        let (running, go_on) = (Arc::new(Barrier::new(2)), Arc::new(Barrier::new(2)));
        let body = {
            let (store, running, go_on) = (store.clone(), Arc::clone(&running), Arc::clone(&go_on));
            async move |_| {
                running.wait().await;
                go_on.wait().await;
                operation(2).run(&store, async |_| Ok::<_, Error>(2)).await.map(Answer::into_inner)
            }
        };
        let first = tokio::spawn({
            let store = store.clone();
            async move { operation(1).run(&store, body).await }
        });
        running.wait().await;
        let waiter = tokio::spawn({
            let waits = operation(1).in_flight(InFlight::Wait(LEASE));
            let store = store.clone();
            async move { waits.run(&store, async |_| Ok::<_, Error>(0)).await }
        });
        let draining = tokio::spawn(drained(PATIENCE));
        let sent_away = waiter.await.expect("no panic").expect_err("no new claims");
        assert!(sent_away.is_draining() && sent_away.is_retryable(), "{sent_away}");
        let late = operation(3).run(&store, async |_| Ok::<_, Error>(3)).await.expect_err("no new claims");
        assert!(late.is_draining(), "{late}");
        go_on.wait().await;
        assert_eq!(first.await.expect("no panic").expect("it ends"), Answer::Executed(2));
        assert!(draining.await.expect("no panic").is_nothing());
    });
}

/// A keeper that cannot start, because the process has no file left, starts at a later call.
fn no_file_left() {
    runtime().block_on(async {
        let store = MemoryStore::new();
        let call = async || operation(1).run(&store, async |_| Ok::<_, Error>(1)).await;
        let allowed = getrlimit(Resource::Nofile);
        let none = rustix::process::Rlimit { current: Some(0), ..allowed };
        setrlimit(Resource::Nofile, none).expect("the limit can be lowered");
        let error = call().await.expect_err("the keeper needs a file");
        assert!(error.is_retryable(), "{error}");
        setrlimit(Resource::Nofile, allowed).expect("the limit can be raised again");
        assert_eq!(call().await.expect("the keeper starts"), Answer::Executed(1));
    });
}

fn in_a_folder(then: impl FnOnce(&Path)) {
    let folder = tempfile::tempdir().expect("a folder");
    then(folder.path());
}

fn file(folder: &Path) -> String {
    let path: PathBuf = folder.join("calls.db");
    path.to_str().expect("the folder has a plain name").to_owned()
}

#[test]
fn drained_waits_for_bodies_that_run() {
    in_a_folder(|folder| {
        in_a_process("bodies that run", &file(folder));
        in_a_process("everything is stored", &file(folder));
    });
}

#[test]
fn drained_stores_what_is_on_its_way() {
    in_a_folder(|folder| {
        in_a_process("outcomes on their way", &file(folder));
        in_a_process("everything is stored", &file(folder));
    });
}

#[test]
fn drained_goes_on_with_a_store_that_was_away() {
    in_a_folder(|folder| {
        in_a_process("a store that was away", &file(folder));
        in_a_process("everything is stored", &file(folder));
    });
}

#[test]
fn drained_ends_though_the_pool_was_closed() {
    in_a_folder(|folder| {
        in_a_process("a closed pool", &file(folder));
        in_a_process("everything is stored", &file(folder));
    });
}

#[test]
fn drained_frees_what_dropped_bodies_held() {
    in_a_folder(|folder| {
        in_a_process("dropped bodies", &file(folder));
        in_a_process("dropped bodies are free", &file(folder));
    });
}

#[test]
fn drained_says_what_is_left() {
    in_a_process("a body that does not end", "");
}

#[test]
fn drained_waits_for_bodies_in_transactions() {
    in_a_folder(|folder| in_a_process("a transaction", &file(folder)));
}

#[test]
fn drained_sends_callers_elsewhere_and_lets_bodies_finish() {
    in_a_process("callers", "");
}

#[test]
fn a_keeper_that_could_not_start_is_tried_again() {
    in_a_process("no file left", "");
}

#[cfg(feature = "postgres")]
#[test]
#[ignore = "needs PostgreSQL: cargo xtask test"]
fn drained_on_postgres() {
    let url = std::env::var("IDEM_TEST_POSTGRES_URL").expect("`cargo xtask test` starts a server and says where");
    for (task, then) in [
        ("bodies that run", "everything is stored"),
        ("outcomes on their way", "everything is stored"),
        ("dropped bodies", "dropped bodies are free"),
    ] {
        let table = format!("{url}|end_{}_{}", std::process::id(), task.replace(' ', "_"));
        in_a_process(task, &table);
        in_a_process(then, &table);
    }
}
