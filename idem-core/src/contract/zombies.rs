//! A holder whose claim was taken over changes nothing.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::sync::Notify;

use crate::{
    Answer, Claim, ClaimDecision, ClaimRequest, Error, Execution, InFlight, Origin, OutcomeKind, State, Store,
    StoreError,
};

use super::support::{
    Failure, HOUR, LONG, UNRENEWED, acquire, acquire_and_lapse, ask, by_another, faulty, found, key, lapse, operation,
    outcome, record, request, two,
};
use super::{Backend, Fault, Method};

/// A claim that was taken over, and the one that took it over.
struct TakenOver {
    zombie: Claim,
    successor: Claim,
    first: Arc<dyn Store>,
    second: Arc<dyn Store>,
}

impl TakenOver {
    async fn on(backend: &dyn Backend) -> Self {
        let [first, second] = two(backend).await;
        let zombie = acquire_and_lapse(&first, &request("order")).await;
        let successor = acquire(&second, &request("order")).await;
        assert_eq!(successor.origin, Origin::Takeover);
        Self { zombie, successor, first, second }
    }

    /// Shows that a write by the zombie is refused and leaves the record as it was.
    async fn refuses(&self, write: impl AsyncFn(&dyn Store, &Claim) -> Result<(), StoreError>) {
        for store in [&self.first, &self.second] {
            let before = record(store, "order").await;
            let error = write(&**store, &self.zombie).await.expect_err("the claim was taken over");
            assert!(error.is_claim_lost() && !error.is_retryable(), "{error:?}");
            assert_eq!(record(store, "order").await, before);
        }
    }

    async fn completed(&self) {
        self.second.complete(&self.successor, &outcome("\"successor\""), HOUR).await.expect("the successor completes");
    }
}

/// A zombie's outcome is refused, before its successor has completed and after, and replays are the successor's.
pub async fn zombie_complete_after_takeover_is_rejected(backend: &dyn Backend) {
    let it = TakenOver::on(backend).await;
    let complete = async |store: &dyn Store, zombie: &Claim| store.complete(zombie, &outcome("\"zombie\""), HOUR).await;
    it.refuses(complete).await;
    it.completed().await;
    it.refuses(complete).await;
    let replay = ask(&it.first, &request("order")).await;
    assert_eq!(replay, ClaimDecision::Replay(outcome("\"successor\"")));
}

/// A zombie's release is refused, and its successor still holds the key.
pub async fn zombie_release_after_takeover_is_rejected(backend: &dyn Backend) {
    let it = TakenOver::on(backend).await;
    let release = async |store: &dyn Store, zombie: &Claim| store.release(zombie).await;
    it.refuses(release).await;
    let third = ask(&it.first, &request("order")).await;
    assert!(matches!(third, ClaimDecision::InProgress { .. }), "{third:?}");
    it.completed().await;
    it.refuses(release).await;
}

/// A zombie's renewal is refused, and the lease is its successor's. A body whose claim was taken over is dropped, and its
/// caller gets the successor's outcome, or learns that the claim was lost.
pub async fn zombie_extend_after_takeover_is_rejected(backend: &dyn Backend) {
    let it = TakenOver::on(backend).await;
    let extend = async |store: &dyn Store, zombie: &Claim| store.extend(zombie, HOUR).await;
    it.refuses(extend).await;
    it.completed().await;
    it.refuses(extend).await;

    let error = lost_while_running(backend, "abandoned body", false).await.expect_err("there is no outcome yet");
    assert!(error.is_claim_lost() && error.is_retryable(), "{error}");
    let value = lost_while_running(backend, "replayed body", true).await.expect("the successor has an outcome");
    assert_eq!(value, "successor");
}

/// A zombie that gives up without knowing what it did changes nothing of its successor's claim.
pub async fn zombie_abandon_after_takeover_is_rejected(backend: &dyn Backend) {
    let it = TakenOver::on(backend).await;
    let abandon = async |store: &dyn Store, zombie: &Claim| store.abandon(zombie).await;
    it.refuses(abandon).await;
    it.completed().await;
    it.refuses(abandon).await;
}

/// Runs a body that never ends, under a claim that is lost meanwhile.
async fn lost_while_running(backend: &dyn Backend, name: &'static str, completes: bool) -> Result<String, Error> {
    let (cut_off, other) = (faulty(backend).await, backend.store().await);
    let (store, started) = (Arc::clone(&cut_off), Arc::new(Notify::new()));
    let is_started = Arc::clone(&started);
    let call = tokio::spawn(async move {
        let body = async |_| {
            is_started.notify_one();
            std::future::pending::<Result<String, Error>>().await
        };
        operation(name).lease(UNRENEWED).run(&store, body).await
    });
    started.notified().await;
    cut_off.partition();
    let successor = loop {
        match ask(&other, &request(name)).await {
            ClaimDecision::Acquired(claim) => break claim,
            _ => tokio::time::sleep(Duration::from_millis(5)).await,
        }
    };
    if completes {
        other.complete(&successor, &outcome("\"successor\""), HOUR).await.expect("the successor completes");
    }
    cut_off.heal();
    call.await.expect("the body does not panic").map(Answer::into_inner)
}

/// A body that returns after its claim was taken over changes nothing: its caller gets the successor's outcome, or learns
/// that the claim was lost, though the body had a value.
pub async fn zombie_body_gets_the_outcome_of_its_successor(backend: &dyn Backend) {
    for completes in [true, false] {
        let (store, other) = (faulty(backend).await, backend.store().await);
        // So that the call learns of its loss only when it completes.
        store.always(Method::Extend, Fault::Fails);
        let name = if completes { "completed" } else { "running" };
        let body = async |_| {
            lapse(&other, &key(name)).await;
            let successor = acquire(&other, &request(name)).await;
            if completes {
                other.complete(&successor, &outcome("\"successor\""), HOUR).await.expect("the successor completes");
            }
            Ok::<_, Error>("zombie".to_owned())
        };
        let answer = operation(name).lease(UNRENEWED).run(&store, body).await;
        match answer {
            Ok(answer) => assert_eq!((completes, answer), (true, Answer::Replayed("successor".to_owned()))),
            Err(error) => assert!(!completes && error.is_claim_lost(), "{error}"),
        }
        assert_eq!(store.calls(Method::Complete), 1);
    }
}

/// A body that returns an error after its claim was taken over gets its successor's outcome, too, or learns that the claim was
/// lost: its error is not how the key ended.
pub async fn zombie_body_that_fails_gets_the_outcome_of_its_successor(backend: &dyn Backend) {
    for completes in [true, false] {
        let (store, other) = (faulty(backend).await, backend.store().await);
        store.always(Method::Extend, Fault::Fails);
        let name = if completes { "completed" } else { "running" };
        let body = async |_| {
            lapse(&other, &key(name)).await;
            let successor = acquire(&other, &request(name)).await;
            if completes {
                other.complete(&successor, &outcome("\"successor\""), HOUR).await.expect("the successor completes");
            }
            Err::<String, _>(Failure::Declined { code: 402 })
        };
        match operation(name).lease(UNRENEWED).run(&store, body).await {
            Ok(answer) => assert_eq!((completes, answer), (true, Answer::Replayed("successor".to_owned()))),
            Err(Failure::Idem(error)) => assert!(!completes && error.is_claim_lost(), "{error}"),
            Err(error) => panic!("the error of the body is not how the key ended: {error:?}"),
        }
    }
}

/// A call that has succeeded has not lost its claim, however late the store's word of it came: what its body handed to
/// another task is not told to stop. One whose claim was taken over is told, when it learns of it.
pub async fn lost_is_told_to_nobody_but_a_loser(backend: &dyn Backend) {
    let (store, elsewhere) = (faulty(backend).await, backend.store().await);
    let handed_out = Mutex::new(None);
    // The renewals meanwhile find no claim.
    store.plan(Method::Complete, [Fault::Delays(UNRENEWED)]);
    let body = async |execution: Execution| {
        *handed_out.lock().expect("no panic") = Some(execution);
        Ok::<_, Error>(1)
    };
    let answer = operation("slow").lease(UNRENEWED / 2).run(&store, body).await;
    assert_eq!(answer.expect("it is stored"), Answer::Executed(1));
    let execution = handed_out.lock().expect("no panic").take().expect("the body ran");
    assert!(!execution.is_lost());

    store.always(Method::Extend, Fault::Fails);
    let body = async |execution: Execution| {
        *handed_out.lock().expect("no panic") = Some(execution);
        lapse(&elsewhere, &key("taken over")).await;
        acquire(&elsewhere, &request("taken over")).await;
        Ok::<_, Error>(1)
    };
    let error = operation("taken over").lease(UNRENEWED).run(&store, body).await.expect_err("the claim was lost");
    assert!(error.is_claim_lost(), "{error}");
    let execution = handed_out.lock().expect("no panic").take().expect("the body ran");
    execution.lost().await;
}

/// A renewal that comes after the outcome is refused, and nothing is renewed any more once a call has ended.
pub async fn heartbeat_stops_after_complete(backend: &dyn Backend) {
    let store = faulty(backend).await;
    // Long enough for the answer to a claim on a busy machine.
    let lease = Duration::from_millis(600);
    operation("order").lease(lease).run(&store, async |_| Ok::<_, Error>(42)).await.expect("the body runs");
    let before = record(&store, "order").await;
    // One that was on its way when the call ended may still come.
    tokio::time::sleep(lease).await;
    let renewals = store.calls(Method::Extend);
    tokio::time::sleep(2 * lease).await;
    assert_eq!(store.calls(Method::Extend), renewals);

    let claim = acquire(&store, &request("another order")).await;
    store.complete(&claim, &outcome("42"), HOUR).await.expect("the holder completes");
    let completed = record(&store, "another order").await;
    assert!(store.extend(&claim, LONG).await.is_err_and(|error| error.is_claim_lost()));
    assert_eq!(record(&store, "another order").await, completed);
    assert_eq!(record(&store, "order").await, before);
}

/// A renewal of a key that is unknown, failed or released is refused, and creates nothing.
pub async fn heartbeat_unknown_or_failed_key_ignored(backend: &dyn Backend) {
    let store = backend.store().await;
    let failed = acquire(&store, &request("failed")).await;
    let unknown = Claim { key: key("unknown"), ..failed.clone() };
    assert!(store.extend(&unknown, LONG).await.is_err_and(|error| error.is_claim_lost()));
    assert!(store.release(&unknown).await.is_err_and(|error| error.is_claim_lost()));
    assert!(store.complete(&unknown, &outcome("1"), HOUR).await.is_err_and(|error| error.is_claim_lost()));
    assert!(found(&store, &key("unknown")).await.is_none());

    let kept = crate::Outcome { kind: OutcomeKind::Error, ..outcome("\"Busy\"") };
    store.complete(&failed, &kept, HOUR).await.expect("the holder completes");
    let released = acquire(&store, &request("released")).await;
    store.release(&released).await.expect("the holder releases");
    for (claim, name, state) in [(failed, "failed", State::Finished(kept)), (released, "released", State::Released)] {
        let before = record(&store, name).await;
        assert_eq!(before.state, state);
        assert!(store.extend(&claim, LONG).await.is_err_and(|error| error.is_claim_lost()));
        assert_eq!(record(&store, name).await, before);
    }
}

/// Only the holder writes: extend, complete and release compare the claim id, and nothing else.
pub async fn only_the_holder_writes(backend: &dyn Backend) {
    let [first, second] = two(backend).await;
    let holder = acquire(&first, &request("order")).await;
    let stranger = Claim { claim_id: by_another(&request("order")).claim_id, ..holder.clone() };
    let before = record(&first, "order").await;
    assert!(second.extend(&stranger, LONG).await.is_err_and(|error| error.is_claim_lost()));
    assert!(second.complete(&stranger, &outcome("1"), HOUR).await.is_err_and(|error| error.is_claim_lost()));
    assert!(second.release(&stranger).await.is_err_and(|error| error.is_claim_lost()));
    assert_eq!(record(&first, "order").await, before);

    // The holder is known by its claim id, also on another instance, and also after its lease ran out.
    let lapsed = acquire_and_lapse(&first, &ClaimRequest { lease: LONG, ..request("lapsed") }).await;
    second.extend(&lapsed, LONG).await.expect("nobody took over");
    let other = ask(&first, &request("lapsed")).await;
    assert!(matches!(other, ClaimDecision::InProgress { .. }), "{other:?}");
    second.complete(&lapsed, &outcome("42"), HOUR).await.expect("the holder completes");
    let waited = operation("lapsed").in_flight(InFlight::Wait(LONG)).run(&first, async |_| Ok::<_, Error>(0)).await;
    assert_eq!(waited.expect("it is completed").into_inner(), 42);
}
