//! What a call tells the outside: it ends in exactly one event, by scope and never by key.
#![cfg(feature = "contract")]

mod recorder;

use std::sync::Arc;
use std::time::Duration;

use idem_core::contract::{Fault, Faulty, Method};
use idem_core::{
    Abandoned, Admission, Claim, ClaimDecision, ClaimId, ClaimRequest, Codec, Dropped, Error, InFlight, Key,
    MemoryStore, Operation, Outcome, OutcomeKind, OutcomeLimit, Store,
};

const LEASE: Duration = Duration::from_millis(50);
const KEY: &str = "a key that nobody is to see";

/// A runtime, a store, and calls in a scope of the test's own.
fn run(scope: &'static str, expected: &[&str], calls: impl AsyncFnOnce(&Arc<Faulty>)) {
    recorder::start();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async { calls(&Faulty::new(Arc::new(MemoryStore::new()))).await });
    assert_eq!(recorder::ends(scope, KEY), expected);
}

fn operation(scope: &'static str) -> Operation {
    Operation::new(scope, KEY)
}

async fn ok(_: idem_core::Execution) -> Result<u32, Error> {
    Ok(1)
}

async fn never(_: idem_core::Execution) -> Result<u32, Error> {
    std::future::pending().await
}

/// Polls a call for a moment, and drops it.
async fn drop_soon<T>(call: impl Future<Output = T>) {
    assert!(tokio::time::timeout(Duration::from_millis(5), call).await.is_err(), "the call was to be dropped");
}

#[test]
fn executed_then_replayed() {
    run("executed", &["executed", "replayed", "replayed"], async |store| {
        for _ in 0..3 {
            operation("executed").run(store, ok).await.expect("there is an outcome");
        }
    });
}

#[test]
fn waited_and_replayed() {
    run("waited", &["executed", "waited_and_replayed"], async |store| {
        let first = operation("waited").run(store, async |_| {
            store.called(Method::Claim, 3).await;
            Ok::<_, Error>(1)
        });
        let second = operation("waited").in_flight(InFlight::Wait(Duration::from_secs(30))).run(store, ok);
        let (first, second) = tokio::join!(first, second);
        assert!(!first.expect("it ran").is_replayed() && second.expect("it waited").is_replayed());
    });
}

#[test]
fn refused_in_flight() {
    run("refused", &["in_progress", "in_progress", "mismatch", "failed"], async |store| {
        let mut first = std::pin::pin!(operation("refused").fingerprint(&1).run(store, never));
        tokio::select! { biased; _ = &mut first => {}, () = std::future::ready(()) => {} }
        operation("refused").run(store, ok).await.expect_err("it is claimed");
        let waits = operation("refused").in_flight(InFlight::Wait(Duration::from_millis(5)));
        waits.run(store, ok).await.expect_err("it stays claimed");
        operation("refused").fingerprint(&2).run(store, ok).await.expect_err("it is another payload");
        drop_soon(first).await;
    });
}

#[test]
fn abandoned_and_taken_over() {
    run("abandoned", &["failed", "abandoned"], async |store| {
        let refuses = || operation("abandoned").lease(LEASE).abandoned(Abandoned::Refuse);
        drop_soon(refuses().run(store, never)).await;
        tokio::time::sleep(LEASE).await;
        refuses().run(store, ok).await.expect_err("its outcome is unknown");
    });
    run("taken over", &["failed", "executed"], async |store| {
        drop_soon(operation("taken over").lease(LEASE).run(store, never)).await;
        tokio::time::sleep(LEASE).await;
        operation("taken over").run(store, ok).await.expect("it reruns");
    });
}

/// Claims the key for another process, once its holder's lease has run out.
async fn take_over(memory: &MemoryStore, key: &Key) -> Claim {
    let request = ClaimRequest {
        key: key.clone(),
        claim_id: ClaimId::random(),
        fingerprint: None,
        lease: Duration::from_mins(1),
        retention: Duration::from_mins(1),
        abandoned: Abandoned::Rerun,
        max_attempts: None,
        admission: Admission::Open,
    };
    loop {
        match memory.claim(&request).await {
            Ok(ClaimDecision::Acquired(claim)) => return claim,
            _ => tokio::time::sleep(Duration::from_millis(5)).await,
        }
    }
}

#[test]
fn lost() {
    run("lost", &["claim_lost"], async |_| {
        let memory = MemoryStore::new();
        let store = Faulty::new(Arc::new(memory.clone()));
        let body = async |execution: idem_core::Execution| {
            store.partition();
            take_over(&memory, execution.key()).await;
            store.heal();
            never(execution).await
        };
        let lost = operation("lost").lease(LEASE).run(&store, body).await;
        assert!(lost.is_err_and(|error| error.is_claim_lost()));
    });
}

/// Its caller did not wait for it, and retries get the outcome of the successor.
#[test]
fn an_outcome_that_comes_after_a_takeover_is_told_of() {
    run("superseded", &["executed"], async |_| {
        let memory = MemoryStore::new();
        let store = Faulty::new(Arc::new(memory.clone()));
        let key = std::cell::OnceCell::new();
        let body = async |execution: idem_core::Execution| {
            key.set(execution.key().clone()).expect("it runs once");
            store.partition();
            ok(execution).await
        };
        let call = operation("superseded").lease(LEASE).settle_within(Duration::ZERO).run(&store, body);
        call.await.expect("it ran");
        take_over(&memory, key.get().expect("it ran")).await;
        store.heal();
        while !recorder::told("superseded", "an outcome is not stored: its claim was taken over") {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    });
}

/// The process may die right after the answer, and then nothing else says that the store knows nothing of it.
#[test]
fn an_answer_that_is_not_stored_is_told_of_before_it_is_given() {
    run("open", &["executed"], async |store| {
        let body = async |execution: idem_core::Execution| {
            store.partition();
            ok(execution).await
        };
        operation("open").settle_within(Duration::ZERO).run(store, body).await.expect("it ran");
        assert!(recorder::told("open", "not stored yet"));
    });
    run("refused outright", &["executed"], async |store| {
        for method in [Method::Complete, Method::Abandon] {
            store.always(method, Fault::Refuses);
        }
        operation("refused outright").run(store, ok).await.expect("it ran");
        assert!(recorder::told("refused outright", "the store refuses every end of a claim"));
    });
}

#[test]
fn exhausted_after_failures() {
    run("exhausted", &["failed", "exhausted"], async |store| {
        let once = || operation("exhausted").max_attempts(1);
        let fails = async |_| Err::<u32, _>(some_error());
        once().run(store, fails).await.expect_err("the body fails");
        once().run(store, ok).await.expect_err("there was one attempt");
    });
}

/// Some error of this library.
fn some_error() -> Error {
    idem_core::Scope::new("").expect_err("an empty scope is refused")
}

#[test]
fn kept_errors_are_executed_and_replayed() {
    #[derive(Debug, serde::Serialize, serde::Deserialize)]
    struct Declined;

    impl From<Error> for Declined {
        fn from(_: Error) -> Self {
            Self
        }
    }

    run("kept", &["executed", "replayed"], async |store| {
        for _ in 0..2 {
            let call = operation("kept").keep_errors().run(store, async |_| Err::<u32, _>(Declined)).await;
            call.expect_err("the error is kept");
        }
    });
}

#[test]
fn unreadable_outcomes_fail() {
    run("unreadable", &["executed", "failed"], async |store| {
        operation("unreadable").run(store, ok).await.expect("the body runs");
        operation("unreadable").version(2).run(store, ok).await.expect_err("it is of version 1");
    });
    run("too large", &["executed", "failed"], async |store| {
        let limited = || operation("too large").outcome_limit(OutcomeLimit::error(0));
        limited().run(store, ok).await.expect_err("the outcome is over the limit");
        limited().run(store, ok).await.expect_err("there is none to replay");
    });
}

#[test]
fn store_errors_fail() {
    run("store", &["failed", "executed"], async |store| {
        store.always(Method::Claim, Fault::Refuses);
        operation("store").run(store, ok).await.expect_err("the store refuses");
        store.heal();
        store.plan(Method::Complete, [Fault::Refuses]);
        operation("store").run(store, ok).await.expect("the value is returned though it is not stored");
    });
}

#[test]
fn an_unknown_effect_is_told() {
    run("unknown", &["unknown", "abandoned"], async |store| {
        let unknown = || operation("unknown").unknown_if(|_: &Error| true);
        unknown().run(store, async |_| Err::<u32, _>(some_error())).await.expect_err("the body's own error");
        unknown().run(store, ok).await.expect_err("a person decides");
    });
}

/// A body that had a value, and gets its successor's outcome, which cannot be read.
#[test]
fn a_loser_that_gets_an_error_has_not_executed() {
    run("loser", &["failed"], async |_| {
        let memory = MemoryStore::new();
        let store = Faulty::new(Arc::new(memory.clone()));
        store.always(Method::Extend, Fault::Fails);
        let body = async |execution: idem_core::Execution| {
            let successor = take_over(&memory, execution.key()).await;
            let done = Outcome { kind: OutcomeKind::Value, codec: Codec::Omitted, version: 1, text: "".into() };
            memory.complete(&successor, &done, Duration::from_mins(1)).await.expect("the successor holds the claim");
            Ok::<_, Error>(1)
        };
        let lost = operation("loser").lease(LEASE).run(&store, body).await;
        assert!(lost.is_err_and(|error| error.is_completed_without_outcome()));
    });
}

/// What a store refuses is told at the level ERROR, with the backend's code, and without what the backend says, which may quote
/// an outcome.
#[test]
fn a_refused_outcome_is_told_with_the_code_of_the_backend() {
    const SECRET: &str = "an outcome that nobody is to see";
    run("code", &["executed", "executed"], async |store| {
        for refusals in [1, 2] {
            store.plan(Method::Complete, vec![Fault::Refuses; refusals]);
            let call = Operation::new("code", &refusals).run(store, async |_| Ok::<_, Error>(SECRET.to_owned()));
            call.await.expect("the caller gets its value");
        }
    });
    let told = recorder::errors("code");
    assert_eq!(told.len(), 2, "{told:?}");
    for (event, instead) in told.iter().zip(["marked as done", "abandoned"]) {
        assert!(event.contains("code=planned") && event.contains("why=a planned refusal"), "{event}");
        assert!(event.contains(&format!("instead={instead}")) && !event.contains(SECRET), "{event}");
        assert!(!event.contains("quote"), "{event}");
    }
}

#[test]
fn dropped_calls_end_too() {
    run("dropped", &["failed", "failed", "executed", "replayed"], async |store| {
        store.plan(Method::Claim, [Fault::Hangs]);
        drop_soon(operation("dropped").run(store, ok)).await;
        drop_soon(operation("dropped").dropped(Dropped::Release).run(store, never)).await;
        while store.calls(Method::Lookup) == 0 || store.calls(Method::Release) == 0 {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        store.plan(Method::Complete, [Fault::Hangs]);
        let waits = || operation("dropped").in_flight(InFlight::Wait(Duration::from_secs(30)));
        let completing = tokio::time::timeout(Duration::from_secs(30), async {
            tokio::select! {
                _ = waits().run(store, ok) => panic!("storing the outcome hangs"),
                () = store.called(Method::Complete, 1) => {}
            }
        });
        completing.await.expect("the key is free soon");
        while store.calls(Method::Complete) < 2 {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        operation("dropped").run(store, ok).await.expect("the outcome is stored in the background");
    });
}

#[test]
fn reentrant_calls_fail() {
    run("reentrant", &["failed", "executed"], async |store| {
        let body = async |_| {
            operation("reentrant").run(store, ok).await.expect_err("it is its own call");
            Ok::<_, Error>(1)
        };
        operation("reentrant").run(store, body).await.expect("the outer body goes on");
    });
}
