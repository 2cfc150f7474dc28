//! Waiters of a store that tells when claims end. The clock stands still unless everybody waits, so whoever did not poll has
//! been told.
#![cfg(feature = "contract")]

mod telling;

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use idem_core::contract::{Fault, Faulty, Method};
use idem_core::{
    Abandoned, Admission, Answer, Claim, ClaimDecision, ClaimId, ClaimRequest, Codec, Error, InFlight, Key,
    MemoryStore, Operation, Outcome, OutcomeKind, Scope, Store,
};
use telling::Telling;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep};

const HOUR: Duration = Duration::from_hours(1);
/// One at the beginning, one since it waits for this process, one after the first pause, and one since it hears.
const UNTIL_IT_HEARS: usize = 4;

fn wait_for(store: &Arc<Telling>) -> JoinHandle<Result<Answer<u32>, Error>> {
    let call = Operation::new("payments.charge", "order").in_flight(InFlight::Wait(HOUR));
    let store = Arc::clone(store);
    tokio::spawn(async move { call.run(&store, async |_| Ok(0)).await })
}

/// A claim by a process that is not this one: its end wakes nobody here.
async fn claim(memory: &MemoryStore) -> Claim {
    let request = ClaimRequest {
        key: Key::new(Scope::from_static("payments.charge"), "order").expect("a key"),
        claim_id: ClaimId::random(),
        fingerprint: None,
        lease: HOUR,
        retention: HOUR,
        abandoned: Abandoned::Rerun,
        max_attempts: None,
        admission: Admission::Open,
    };
    match memory.claim(&request).await {
        Ok(ClaimDecision::Acquired(claim)) => claim,
        other => panic!("{other:?}"),
    }
}

async fn complete(memory: &MemoryStore, claim: &Claim) {
    let outcome = Outcome { kind: OutcomeKind::Value, codec: Codec::Json, version: 1, text: "42".into() };
    memory.complete(claim, &outcome, HOUR).await.expect("the claim is held");
}

async fn replayed(waiter: JoinHandle<Result<Answer<u32>, Error>>) {
    let answer = waiter.await.expect("it does not panic").expect("there is an outcome");
    assert_eq!(answer, Answer::Replayed(42));
}

#[tokio::test(start_paused = true)]
async fn a_waiter_that_is_told_asks_once_and_does_not_poll() {
    let memory = MemoryStore::new();
    let claim = claim(&memory).await;
    let store = Telling::new(&memory, false);
    let waiter = wait_for(&store);
    store.listeners(1).await;
    store.hears.send_replace(true);
    store.counted.called(Method::Claim, UNTIL_IT_HEARS).await;
    complete(&memory, &claim).await;
    let began = Instant::now();
    store.tell();
    replayed(waiter).await;
    assert_eq!(began.elapsed(), Duration::ZERO, "it has polled");
    assert_eq!(store.counted.calls(Method::Claim), UNTIL_IT_HEARS + 1);
}

/// What ends between the last question and the subscription is told to nobody.
#[tokio::test(start_paused = true)]
async fn a_waiter_asks_again_once_it_hears() {
    let memory = MemoryStore::new();
    let claim = claim(&memory).await;
    let store = Telling::new(&memory, false);
    let waiter = wait_for(&store);
    store.listeners(1).await;
    complete(&memory, &claim).await;
    let began = Instant::now();
    store.hears.send_replace(true);
    replayed(waiter).await;
    assert_eq!(began.elapsed(), Duration::ZERO, "it has polled");
}

#[tokio::test(start_paused = true)]
async fn a_waiter_that_hears_polls_once_a_second_and_one_that_does_not_as_without() {
    for (hears, polls) in [(true, 48..=81), (false, 192..=330)] {
        let memory = MemoryStore::new();
        claim(&memory).await;
        let store = Telling::new(&memory, hears);
        let waiter = wait_for(&store);
        store.listeners(1).await;
        let before = store.counted.calls(Method::Claim);
        sleep(Duration::from_mins(1)).await;
        let polled = store.counted.calls(Method::Claim) - before;
        assert!(polls.contains(&polled), "hears: {hears}, polls: {polled}");
        waiter.abort();
    }
}

/// The time of a wait bounds the first question too, whatever the store allows itself.
#[tokio::test]
async fn a_waiter_whose_store_does_not_answer_is_told_so_when_its_time_is_up() {
    let store = Faulty::new(Arc::new(MemoryStore::new()));
    store.always(Method::Claim, Fault::Hangs);
    let call = Operation::new("payments.charge", "order").in_flight(InFlight::Wait(Duration::from_millis(1)));
    let answer = tokio::time::timeout(Duration::from_mins(1), call.run(&store, async |_| Ok::<_, Error>(0))).await;
    let error = answer.expect("it does not wait for ever").expect_err("nobody has answered");
    assert!(error.is_retryable() && error.store_error().is_some() && !error.is_wait_timeout(), "{error}");
}

/// A clock that a test has stopped passes as the test's own waits do: a waiter neither spins nor waits for the machine's.
#[tokio::test(start_paused = true)]
async fn a_waiter_has_one_clock() {
    let memory = MemoryStore::new();
    claim(&memory).await;
    let store = Faulty::new(Arc::new(memory.clone()));
    let began = Instant::now();
    let call = Operation::new("payments.charge", "order").in_flight(InFlight::Wait(Duration::from_secs(2)));
    let error = call.run(&store, async |_| Ok::<_, Error>(0)).await.expect_err("the key stays claimed");
    assert!(error.is_wait_timeout(), "{error}");
    assert!(began.elapsed() >= Duration::from_secs(2) && began.elapsed() < Duration::from_secs(3));
    assert!((5..50).contains(&store.calls(Method::Claim)), "{store:?}");
}

/// A store that is away costs the caller its time to settle, and a few tries, also where a test has stopped the clock.
#[tokio::test(start_paused = true)]
async fn a_caller_that_settles_has_one_clock() {
    let store = Faulty::new(Arc::new(MemoryStore::new()));
    store.always(Method::Complete, Fault::NotNow);
    let began = Instant::now();
    let call = Operation::new("payments.charge", "settles").settle_within(Duration::from_secs(2));
    let answer = call.run(&store, async |_| Ok::<_, Error>(1)).await;
    assert_eq!(answer.expect("the caller gets its value"), Answer::Executed(1));
    assert_eq!(began.elapsed(), Duration::from_secs(2));
    store.heal();
}

#[tokio::test(start_paused = true)]
async fn missed_notify_falls_back_to_poll() {
    for hears in [true, false] {
        let memory = MemoryStore::new();
        let claim = claim(&memory).await;
        let store = Telling::new(&memory, hears);
        let waiter = wait_for(&store);
        store.listeners(1).await;
        complete(&memory, &claim).await;
        replayed(waiter).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_waiter_that_no_longer_hears_asks_and_polls_as_without() {
    let memory = MemoryStore::new();
    claim(&memory).await;
    let store = Telling::new(&memory, true);
    let waiter = wait_for(&store);
    store.listeners(1).await;
    let before = store.counted.calls(Method::Claim);
    store.hears.send_replace(false);
    sleep(Duration::from_mins(1)).await;
    let polled = store.counted.calls(Method::Claim) - before;
    assert!((192..=330).contains(&polled), "{polled}");
    waiter.abort();
}

#[tokio::test(start_paused = true)]
async fn waiter_cancelled_listens_no_longer() {
    let memory = MemoryStore::new();
    claim(&memory).await;
    let store = Telling::new(&memory, true);
    let waiters: Vec<_> = (0..100).map(|_| wait_for(&store)).collect();
    store.listeners(waiters.len()).await;
    for waiter in &waiters {
        waiter.abort();
    }
    store.listeners(0).await;
}

#[tokio::test(start_paused = true)]
async fn what_ends_within_the_first_pause_is_not_listened_to() {
    let memory = MemoryStore::new();
    let claim = claim(&memory).await;
    let store = Telling::new(&memory, true);
    let waiter = wait_for(&store);
    store.counted.called(Method::Claim, 2).await;
    complete(&memory, &claim).await;
    replayed(waiter).await;
    assert_eq!(store.listened.load(Ordering::SeqCst), 0);
}

/// A body can block the runtime of the application, and with it what tells of ends there.
#[tokio::test]
async fn a_store_listens_on_the_thread_of_the_keeper() {
    let memory = MemoryStore::new();
    let claim = claim(&memory).await;
    let store = Telling::new(&memory, true);
    let waiter = wait_for(&store);
    let mut threads = store.threads.subscribe();
    let seen = threads.wait_for(|threads| !threads.is_empty()).await.expect("the store is there").clone();
    assert_eq!(seen, [Some("idem-keeper".to_owned())]);
    complete(&memory, &claim).await;
    store.tell();
    replayed(waiter).await;
}
