//! The same key with another payload is a mistake of the caller, never a replay.

use std::sync::Arc;
use std::time::Duration;

use crate::{Answer, ClaimDecision, ClaimRequest, Error, Fingerprint, InFlight, State, Store};

use super::support::{
    Executions, HOUR, LONG, SHORT, acquire, acquire_and_lapse, ask, by_another, expire, faulty, fingerprint, key,
    operation, outcome, record, request, two,
};
use super::{Backend, Method};

fn paying(amount: u32) -> ClaimRequest {
    ClaimRequest { fingerprint: Some(fingerprint(amount)), ..request("order") }
}

/// Another payload after completion is a mismatch; nothing runs, and neither the outcome nor the payload is told.
pub async fn mismatch_after_completion(backend: &dyn Backend) {
    let [first, second] = two(backend).await;
    let executions = Executions::default();
    let call = async |store: &Arc<dyn Store>, payload: &str| {
        let body = async |_| {
            executions.add();
            Ok::<_, Error>("secret outcome".to_owned())
        };
        operation("order").fingerprint(payload).run(store, body).await
    };
    call(&first, "secret payload").await.expect("the body runs");
    let before = record(&first, "order").await;
    for store in [&first, &second] {
        let error = call(store, "zebra").await.expect_err("it is another payload");
        assert!(error.is_mismatch() && !error.is_retryable(), "{error}");
        let shown = format!("{error} {error:?}");
        assert!(!shown.contains("secret") && !shown.contains("zebra"), "{shown}");
    }
    assert_eq!(executions.count(), 1);
    assert_eq!(record(&second, "order").await, before);
}

/// Another payload while the first call runs is a mismatch, not a call in progress.
pub async fn mismatch_while_in_progress(backend: &dyn Backend) {
    let [first, second] = two(backend).await;
    acquire(&first, &paying(1)).await;
    for store in [&first, &second] {
        assert_eq!(ask(store, &paying(2)).await, ClaimDecision::Mismatch);
        let same = ask(store, &paying(1)).await;
        assert!(matches!(same, ClaimDecision::InProgress { .. }), "{same:?}");
    }
}

/// The same payload replays, also where one side has no fingerprint: there is nothing to compare, and the option can be
/// added to an operation that has records.
pub async fn match_after_completion_replays(backend: &dyn Backend) {
    let [first, second] = two(backend).await;
    let claim = acquire(&first, &paying(1)).await;
    first.complete(&claim, &outcome("42"), HOUR).await.expect("the holder completes");
    for store in [&first, &second] {
        assert_eq!(ask(store, &paying(1)).await, ClaimDecision::Replay(outcome("42")));
        assert_eq!(ask(store, &request("order")).await, ClaimDecision::Replay(outcome("42")));
    }

    let older = request("older");
    let claim = acquire(&first, &older).await;
    first.complete(&claim, &outcome("42"), HOUR).await.expect("the holder completes");
    let newer = ClaimRequest { fingerprint: Some(fingerprint(1)), ..by_another(&older) };
    assert_eq!(ask(&second, &newer).await, ClaimDecision::Replay(outcome("42")));
}

/// The fingerprint stays with the record when its lease is extended, and when it is completed or released.
pub async fn fingerprint_survives_complete_and_extend(backend: &dyn Backend) {
    let [first, second] = two(backend).await;
    let claim = acquire(&first, &paying(1)).await;
    assert_eq!(record(&second, "order").await.fingerprint, Some(fingerprint(1)));
    first.extend(&claim, HOUR).await.expect("the holder extends");
    assert_eq!(record(&second, "order").await.fingerprint, Some(fingerprint(1)));
    assert_eq!(ask(&second, &paying(2)).await, ClaimDecision::Mismatch);
    first.complete(&claim, &outcome("42"), HOUR).await.expect("the holder completes");
    assert_eq!(record(&second, "order").await.fingerprint, Some(fingerprint(1)));
    assert_eq!(ask(&second, &paying(2)).await, ClaimDecision::Mismatch);
}

/// The version of a fingerprint is stored and compared: one of a version that this release does not know agrees with none,
/// because a payload that cannot be checked is not replayed.
pub async fn fingerprint_algorithm_upgrade(backend: &dyn Backend) {
    let [first, second] = two(backend).await;
    let digest = *fingerprint(1).digest();
    let of_version =
        |version| ClaimRequest { fingerprint: Some(Fingerprint::from_stored(version, digest)), ..request("order") };
    let claim = acquire(&first, &of_version(255)).await;
    assert_eq!(record(&second, "order").await.fingerprint, Some(Fingerprint::from_stored(255, digest)));
    assert_eq!(ask(&second, &of_version(Fingerprint::VERSION)).await, ClaimDecision::Mismatch);
    first.complete(&claim, &outcome("42"), HOUR).await.expect("the holder completes");
    assert_eq!(ask(&second, &of_version(Fingerprint::VERSION)).await, ClaimDecision::Mismatch);
    assert_eq!(ask(&second, &of_version(255)).await, ClaimDecision::Mismatch);

    let known = |payload| ClaimRequest { key: key("known"), ..paying(payload) };
    let claim = acquire(&first, &known(1)).await;
    first.complete(&claim, &outcome("42"), HOUR).await.expect("the holder completes");
    assert_eq!(ask(&second, &known(1)).await, ClaimDecision::Replay(outcome("42")));
}

/// A key that was released may be used with another payload, which is then the one that counts.
pub async fn released_then_other_payload_allowed(backend: &dyn Backend) {
    let [first, second] = two(backend).await;
    let claim = acquire(&first, &paying(1)).await;
    first.release(&claim).await.expect("the holder releases");
    acquire(&second, &paying(2)).await;
    assert_eq!(record(&first, "order").await.fingerprint, Some(fingerprint(2)));
    assert_eq!(ask(&first, &paying(1)).await, ClaimDecision::Mismatch);

    let claim = acquire(&first, &ClaimRequest { fingerprint: Some(fingerprint(1)), ..request("without") }).await;
    first.release(&claim).await.expect("the holder releases");
    acquire(&second, &request("without")).await;
    assert_eq!(record(&first, "without").await.fingerprint, None);
}

/// A key whose outcome has expired may be used with another payload.
pub async fn expired_then_other_payload_allowed(backend: &dyn Backend) {
    let [first, second] = two(backend).await;
    let claim = acquire(&first, &paying(1)).await;
    first.complete(&claim, &outcome("42"), SHORT).await.expect("the holder completes");
    expire(&first, &claim.key).await;
    acquire(&second, &paying(2)).await;
    assert_eq!(record(&first, "order").await.fingerprint, Some(fingerprint(2)));
}

/// Another payload does not take over a lapsed claim, under no policy.
pub async fn takeover_keeps_fingerprint_check(backend: &dyn Backend) {
    let [first, second] = two(backend).await;
    acquire_and_lapse(&first, &paying(1)).await;
    let before = record(&first, "order").await;
    for abandoned in [crate::Abandoned::Rerun, crate::Abandoned::Refuse] {
        assert_eq!(ask(&second, &ClaimRequest { abandoned, ..paying(2) }).await, ClaimDecision::Mismatch);
    }
    assert_eq!(record(&first, "order").await, before);
    acquire(&second, &paying(1)).await;
}

/// A mismatch gives the server's own code the key, and with it the record; its text shows neither.
pub async fn mismatch_error_exposes_record_to_server_code(backend: &dyn Backend) {
    let store = backend.store().await;
    let call = async |amount: u32| {
        operation("customer 17").fingerprint(&amount).run(&store, async |_| Ok::<_, Error>(amount)).await
    };
    call(100).await.expect("the body runs");
    let error = call(200).await.expect_err("it is another payload");
    let observed = store.lookup(error.key().expect("the error has the key")).await.expect("the store answers");
    let record = observed.expect("the key has a record").record;
    assert_eq!(record.fingerprint, Some(fingerprint(100)));
    assert_eq!(record.state, State::Finished(outcome("100")));
    assert!(!format!("{error} {error:?}").contains("17"), "{error:?}");
}

/// A mismatch answers at once, though the call would wait: both at its first question and when it asks again.
pub async fn mismatch_while_waiting_answers_at_once(backend: &dyn Backend) {
    let store = faulty(backend).await;
    let claim = acquire(&store, &paying(1)).await;
    let waits = |amount: u32| operation("order").fingerprint(&amount).in_flight(InFlight::Wait(LONG * 60));
    let error = waits(2).run(&store, async |_| Ok::<_, Error>(0)).await.expect_err("it is another payload");
    assert!(error.is_mismatch() && !error.is_in_progress(), "{error}");

    let asked = store.calls(Method::Claim);
    let waiter = tokio::spawn({
        let store = Arc::clone(&store);
        async move { waits(1).run(&store, async |_| Ok::<_, Error>(0)).await }
    });
    store.called(Method::Claim, asked + 2).await;
    tokio::time::sleep(Duration::from_millis(1)).await;
    // The waiter may be faster than the next claim of another payload, and then runs itself.
    store.release(&claim).await.expect("the holder releases");
    let other = ask(&store, &paying(2)).await;
    match (other, waiter.await.expect("it does not panic")) {
        (ClaimDecision::Acquired(_), Err(error)) => assert!(error.is_mismatch(), "{error}"),
        (_, answer) => assert_eq!(answer.expect("the waiter was faster"), Answer::Executed(0)),
    }
}
