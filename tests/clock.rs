//! An application whose clock is wrong changes nothing: all time is the store's.
//!
//! The application's clock is that of its tokio runtime, which can be stopped, and set forward.

use std::sync::Arc;
use std::sync::mpsc;
use std::time::Duration;

use idem::{
    Abandoned, Admission, Answer, ClaimDecision, ClaimId, ClaimRequest, Codec, Error, Key, MemoryStore, Operation,
    Outcome, OutcomeKind, Scope, SqliteStore, Store,
};

const HOUR: Duration = Duration::from_hours(1);

/// Two instances of each store on one backend.
async fn stores(folder: &tempfile::TempDir) -> [[Arc<dyn Store>; 2]; 2] {
    let memory = MemoryStore::new();
    let sqlite = async || SqliteStore::open(folder.path().join("idem.db")).await.expect("a new database");
    [[Arc::new(memory.clone()), Arc::new(memory)], [Arc::new(sqlite().await), Arc::new(sqlite().await)]]
}

fn charge() -> Operation {
    Operation::new("payments.charge", "order-17")
}

/// A claim of a minute.
fn request() -> ClaimRequest {
    let scope = Scope::from_static("payments.charge");
    ClaimRequest {
        key: Key::new(scope, "order-17").expect("it is a key"),
        claim_id: ClaimId::random(),
        fingerprint: None,
        lease: Duration::from_mins(1),
        retention: HOUR,
        abandoned: Abandoned::Rerun,
        max_attempts: None,
        admission: Admission::Open,
    }
}

/// A caller that is an hour ahead takes over nothing before its time, and forgets no outcome.
#[tokio::test]
async fn app_clock_fast_1h() {
    let folder = tempfile::tempdir().expect("a folder");
    for [holder, ahead] in stores(&folder).await {
        let (request, half) = (request(), Duration::from_mins(30));
        let ClaimDecision::Acquired(claim) = holder.claim(&request).await.expect("the store answers") else {
            panic!("the key is free");
        };
        tokio::time::pause();
        tokio::time::advance(HOUR).await;
        let early = charge().run(&ahead, async |_| Ok::<_, Error>(2)).await;
        assert!(early.is_err_and(|error| error.is_in_progress()), "the lease of a minute is not over");
        tokio::time::resume();

        let outcome = Outcome { kind: OutcomeKind::Value, codec: Codec::Json, version: 1, text: "1".into() };
        holder.complete(&claim, &outcome, half).await.expect("the claim is held");
        tokio::time::pause();
        tokio::time::advance(HOUR).await;
        let retry = charge().run(&ahead, async |_| Ok::<_, Error>(2)).await;
        assert_eq!(retry.expect("the outcome is kept for half an hour"), Answer::Replayed(1));
        tokio::time::resume();
    }
}

/// A holder whose clock stands still keeps its claim for far longer than its lease.
#[tokio::test(flavor = "multi_thread")]
async fn app_clock_slow_1h() {
    let folder = tempfile::tempdir().expect("a folder");
    for [holder, other] in stores(&folder).await {
        // Long enough for a stall of the machine between two renewals.
        let lease = Duration::from_millis(1500);
        let (started, is_started) = mpsc::channel();
        let (finish, finished) = tokio::sync::oneshot::channel();
        let slow = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            runtime.expect("a runtime").block_on(async {
                let body = async |_| {
                    tokio::time::pause();
                    started.send(()).expect("the test waits");
                    finished.await.expect("the test goes on");
                    tokio::time::resume();
                    Ok::<_, Error>(1)
                };
                charge().lease(lease).run(&holder, body).await
            })
        });
        tokio::task::spawn_blocking(move || is_started.recv()).await.expect("no panic").expect("the body runs");
        for _ in 0..2 {
            tokio::time::sleep(lease).await;
            let early = charge().run(&other, async |_| Ok::<_, Error>(2)).await;
            assert!(early.is_err_and(|error| error.is_in_progress()), "the holder lives");
        }
        finish.send(()).expect("the body waits");
        let answer = tokio::task::spawn_blocking(move || slow.join()).await.expect("no panic").expect("no panic");
        assert_eq!(answer.expect("the claim is held"), Answer::Executed(1));
    }
}
