//! The invariants of the design, each with a case that is named after it. The cases by subject show more of each.

use std::cell::Cell;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use crate::{
    Abandoned, Admission, Answer, Claim, ClaimDecision, ClaimRequest, Error, Fence, InFlight, IntoKey, KeyWriter,
    Resolution, State, Store,
};

use super::support::{
    HOUR, LONG, SHORT, acquire, acquire_and_lapse, ask, by_another, clock, expire, faulty, fingerprint, key, operation,
    outcome, race, record, request, two,
};
use super::{Backend, Fault, Method};

/// There is at most one live claim per key: callers that claim and release in turn never meet inside.
pub async fn at_most_one_live_claim_per_key(backend: &dyn Backend) {
    let occupied = Arc::new(AtomicBool::new(false));
    take_turns(&two(backend).await, move |_| {
        let occupied = Arc::clone(&occupied);
        async move {
            assert!(!occupied.swap(true, Ordering::SeqCst), "two callers hold the claim");
            tokio::task::yield_now().await;
            occupied.store(false, Ordering::SeqCst);
        }
    })
    .await;
}

/// The fence of a key grows from each claim to the next, whoever claims.
pub async fn the_fence_of_a_key_grows_strictly(backend: &dyn Backend) {
    let stores = two(backend).await;
    let fences = Arc::new(Mutex::new(Vec::<Fence>::new()));
    let seen = Arc::clone(&fences);
    take_turns(&stores, move |fence| {
        seen.lock().unwrap_or_else(PoisonError::into_inner).push(fence);
        async {}
    })
    .await;
    let fences = fences.lock().unwrap_or_else(PoisonError::into_inner).clone();
    assert!(fences.is_sorted_by(|earlier, later| earlier < later), "{fences:?}");
    assert_eq!(record(&stores[0], "order").await.fence, *fences.last().expect("there were claims"));
}

/// Has many callers claim one key until each held it once, and runs `inside` while it does.
async fn take_turns<Inside>(stores: &[Arc<dyn Store>], inside: impl Fn(Fence) -> Inside + Clone + Send + Sync + 'static)
where
    Inside: Future<Output = ()> + Send + 'static,
{
    race(stores, |_, store| {
        let inside = inside.clone();
        async move {
            loop {
                match ask(&store, &request("order")).await {
                    ClaimDecision::Acquired(claim) => {
                        inside(claim.fence).await;
                        return store.release(&claim).await.expect("the holder releases");
                    }
                    ClaimDecision::InProgress { .. } => tokio::time::sleep(Duration::from_millis(1)).await,
                    other => panic!("the key is claimed and released, and yet: {other:?}"),
                }
            }
        }
    })
    .await;
}

/// A completed outcome never changes before it expires, whoever tries whatever.
pub async fn a_completed_outcome_never_changes(backend: &dyn Backend) {
    let [first, second] = two(backend).await;
    let request = request("order");
    let claim = acquire(&first, &request).await;
    first.complete(&claim, &outcome("42"), HOUR).await.expect("the holder completes");
    let before = record(&first, "order").await;
    let stranger = Claim { claim_id: by_another(&request).claim_id, ..claim.clone() };
    for store in [&first, &second] {
        for caller in [&claim, &stranger] {
            // Whether the holder's repetition is answered `Ok` is shown elsewhere; here it is to change nothing.
            let _ = store.complete(caller, &outcome("0"), SHORT).await;
            assert!(store.release(caller).await.is_err_and(|error| error.is_claim_lost()));
            assert!(store.extend(caller, HOUR).await.is_err_and(|error| error.is_claim_lost()));
            let resolved = store.resolve(&request.key, caller.claim_id, &Resolution::Rerun).await;
            assert!(resolved.is_err_and(|error| error.is_claim_lost()));
        }
        for abandoned in [Abandoned::Rerun, Abandoned::Refuse] {
            for asked in [request.clone(), by_another(&request)] {
                let decision = ask(store, &ClaimRequest { abandoned, ..asked }).await;
                assert_eq!(decision, ClaimDecision::Replay(outcome("42")));
            }
        }
        store.purge_expired(10).await.expect("the store answers");
        assert_eq!(record(store, "order").await, before);
    }
}

/// Repeating a write after a lost acknowledgement is harmless: the same answer, and nothing changes.
pub async fn repeating_a_write_is_harmless(backend: &dyn Backend) {
    let [first, second] = two(backend).await;
    for name in ["completed", "released"] {
        let request = request(name);
        let claim = acquire(&first, &request).await;
        let again = acquire(&second, &request).await;
        assert_eq!((again.claim_id, again.fence, again.attempt), (claim.claim_id, claim.fence, claim.attempt));
        for store in [&first, &second] {
            store.extend(&claim, LONG).await.expect("the holder extends");
        }
        let write = async |store: &Arc<dyn Store>| match name {
            "completed" => store.complete(&claim, &outcome("42"), HOUR).await,
            _ => store.release(&claim).await,
        };
        write(&first).await.expect("the holder writes");
        let before = record(&first, name).await;
        for store in [&first, &second, &first] {
            write(store).await.expect("the holder wrote this before");
            assert_eq!(record(store, name).await, before);
        }
    }
}

/// Every claim has a lease, however it came about, and none blocks its key for longer.
pub async fn every_running_record_has_a_lease(backend: &dyn Backend) {
    let [first, second] = two(backend).await;
    let request = ClaimRequest { lease: SHORT, retention: SHORT, ..request("order") };
    for how in ["free", "taken over", "released", "expired", "completed and expired"] {
        let claim = acquire(&first, &by_another(&request)).await;
        let running = record(&second, "order").await;
        let State::Running { lease_until, .. } = running.state else { panic!("it is claimed") };
        assert_eq!((lease_until, running.expires_at), (running.updated_at + SHORT, lease_until + SHORT), "{how}");
        match how {
            "free" => super::support::lapse(&second, &request.key).await,
            "taken over" => first.release(&claim).await.expect("the holder releases"),
            "expired" => {
                first.complete(&claim, &outcome("42"), SHORT).await.expect("the holder completes");
                expire(&second, &request.key).await;
            }
            _ => expire(&second, &request.key).await,
        }
    }
}

/// All time is the backend's: two instances read one clock, and every instant of a record lies on it.
pub async fn all_time_is_the_stores_clock(backend: &dyn Backend) {
    let [first, second] = two(backend).await;
    let witness = acquire(&first, &request("witness")).await.key;
    let mut last = clock(&first, &witness).await;
    for (number, store) in [&second, &first, &second, &first].into_iter().enumerate() {
        let claim = acquire(store, &request(&number)).await;
        let written = record(&first, &number).await.updated_at;
        let other = if number % 2 == 0 { &first } else { &second };
        let now = clock(other, &witness).await;
        assert!(last <= written && written <= now, "{last:?}, {written:?} and {now:?} are not of one clock");
        store.complete(&claim, &outcome("42"), HOUR).await.expect("the holder completes");
        last = clock(store, &witness).await;
        let completed = record(other, &number).await.updated_at;
        assert!(now <= completed && completed <= last, "{now:?}, {completed:?} and {last:?} are not of one clock");
    }

    // What one instance claims lapses for the other at the same instant.
    acquire(&first, &ClaimRequest { lease: LONG, ..request("order") }).await;
    let (seen, now) = (record(&second, "order").await, clock(&second, &key("order")).await);
    let State::Running { lease_until, .. } = seen.state else { panic!("it is claimed") };
    assert!(lease_until.since(now) <= LONG && now + LONG <= lease_until + LONG);
    match ask(&second, &request("order")).await {
        ClaimDecision::InProgress { lease_left } => assert!(lease_left <= LONG, "{lease_left:?}"),
        other => panic!("the lease is live, and yet: {other:?}"),
    }
}

/// The fingerprint is checked on every path: running, lapsed, completed, failed, and while waiting.
pub async fn the_fingerprint_is_checked_on_every_path(backend: &dyn Backend) {
    let [first, second] = two(backend).await;
    let paying = |amount| ClaimRequest { fingerprint: Some(fingerprint(amount)), ..request("order") };
    let claim = acquire(&first, &paying(1)).await;
    let waits = operation("order").fingerprint(&2_u32).in_flight(InFlight::Wait(HOUR));
    assert!(waits.run(&second, async |_| Ok::<_, Error>(0)).await.is_err_and(|error| error.is_mismatch()));
    assert_eq!(ask(&second, &paying(2)).await, ClaimDecision::Mismatch);
    first.extend(&claim, SHORT).await.expect("the holder extends");
    super::support::lapse(&first, &claim.key).await;
    assert_eq!(ask(&second, &paying(2)).await, ClaimDecision::Mismatch);
    first.complete(&claim, &outcome("42"), HOUR).await.expect("the holder completes");
    assert_eq!(ask(&second, &paying(2)).await, ClaimDecision::Mismatch);

    let claim = acquire(&first, &ClaimRequest { key: key("failed"), ..paying(1) }).await;
    let failed = crate::Outcome { kind: crate::OutcomeKind::Error, ..outcome("\"Busy\"") };
    first.complete(&claim, &failed, HOUR).await.expect("the holder completes");
    assert_eq!(ask(&second, &ClaimRequest { key: key("failed"), ..paying(2) }).await, ClaimDecision::Mismatch);
    assert_eq!(ask(&second, &ClaimRequest { key: key("failed"), ..paying(1) }).await, ClaimDecision::Replay(failed));
}

/// The key is computed once, before the body, however often the store is asked.
pub async fn the_key_is_computed_once_before_the_body(backend: &dyn Backend) {
    struct Counting<'a>(&'a Cell<u32>);

    impl IntoKey for Counting<'_> {
        fn write_key(&self, key: &mut KeyWriter) {
            self.0.set(self.0.get() + 1);
            self.0.get().write_key(key);
        }
    }

    let store = faulty(backend).await;
    store.plan(Method::Claim, [Fault::Fails]);
    store.plan(Method::Complete, [Fault::LosesAcknowledgement]);
    let computed = Cell::new(0);
    let call = operation(&Counting(&computed));
    let answer = call.run(&store, async |_| Ok::<_, Error>(computed.get())).await;
    assert_eq!(answer.expect("the body runs"), Answer::Executed(1));
    assert_eq!(computed.get(), 1);
    assert_eq!(record(&store, &1).await.state, State::Finished(outcome("1")));
}

/// A duplicate that is refused leaves the record byte for byte as it was, whatever the reason.
pub async fn a_rejected_duplicate_changes_nothing(backend: &dyn Backend) {
    let [first, second] = two(backend).await;
    let request = ClaimRequest { fingerprint: Some(fingerprint(1)), ..request("order") };
    let refused = async |why: &str, asked: ClaimRequest, is_expected: fn(&ClaimDecision) -> bool| {
        let before = record(&first, "order").await;
        for store in [&first, &second] {
            let decision = ask(store, &by_another(&asked)).await;
            assert!(is_expected(&decision), "{why}: {decision:?}");
            assert_eq!(record(store, "order").await, before, "{why}");
        }
    };
    let other_payload = ClaimRequest { fingerprint: Some(fingerprint(2)), ..request.clone() };
    let refusing = ClaimRequest { abandoned: Abandoned::Refuse, ..request.clone() };
    let exhausted = ClaimRequest { max_attempts: 1.try_into().ok(), ..request.clone() };
    let token = ClaimRequest { admission: Admission::IssuedOnly, ..request.clone() };

    let claim = acquire(&first, &request).await;
    refused("running", request.clone(), |it| matches!(it, ClaimDecision::InProgress { .. })).await;
    refused("another payload", other_payload.clone(), |it| *it == ClaimDecision::Mismatch).await;
    refused("a token in use", token, |it| matches!(it, ClaimDecision::InProgress { .. })).await;
    first.release(&claim).await.expect("the holder releases");
    refused("released", exhausted.clone(), |it| matches!(it, ClaimDecision::Exhausted { attempts: 1 })).await;
    let claim = acquire_and_lapse(&first, &by_another(&request)).await;
    refused("lapsed", refusing, |it| *it == ClaimDecision::Abandoned).await;
    refused("lapsed", exhausted, |it| matches!(it, ClaimDecision::Exhausted { attempts: 2 })).await;
    first.complete(&claim, &outcome("42"), HOUR).await.expect("nobody took over");
    refused("completed", request.clone(), |it| *it == ClaimDecision::Replay(outcome("42"))).await;
    refused("another payload", other_payload, |it| *it == ClaimDecision::Mismatch).await;
}
