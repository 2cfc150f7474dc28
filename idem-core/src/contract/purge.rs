//! A purge removes what has expired, and nothing else.

use std::sync::Arc;
use std::time::Duration;

use crate::{Abandoned, Answer, ClaimDecision, ClaimRequest, Error, InFlight, Resolution, Store};

use super::support::{
    HOUR, LONG, RACERS, SHORT, acquire, ask, by_another, expire, faulty, found, key, lapse, operation, outcome, race,
    record, request, two,
};
use super::{Backend, Fault, Method};

/// Purges until nothing is left to purge, and says how many records went.
async fn purge(store: &Arc<dyn Store>, limit: u32) -> u64 {
    let mut purged = 0;
    loop {
        match store.purge_expired(limit).await.expect("the store answers") {
            0 => return purged,
            some => {
                assert!(some <= u64::from(limit), "{some} are more than {limit}");
                purged += some;
            }
        }
    }
}

/// Completes a key with an outcome that is kept for a moment.
async fn completed(store: &Arc<dyn Store>, number: u32) {
    let claim = acquire(store, &request(&number)).await;
    store.complete(&claim, &outcome("42"), SHORT).await.expect("the holder completes");
}

/// What is completed and has expired goes, and so does what was released.
pub async fn purge_removes_expired_completed(backend: &dyn Backend) {
    let [first, second] = two(backend).await;
    completed(&first, 1).await;
    let released = acquire(&first, &ClaimRequest { lease: SHORT, retention: SHORT, ..request("released") }).await;
    first.release(&released).await.expect("the holder releases");
    expire(&second, &key(&1)).await;
    expire(&second, &released.key).await;
    purge(&second, 10).await;
    assert!(found(&first, &key(&1)).await.is_none());
    assert!(found(&first, &released.key).await.is_none());
}

/// A live claim stays.
pub async fn purge_keeps_live(backend: &dyn Backend) {
    let [first, second] = two(backend).await;
    let claim = acquire(&first, &ClaimRequest { retention: Duration::from_millis(1), ..request("order") }).await;
    let before = record(&first, "order").await;
    assert_eq!(purge(&second, 10).await, 0);
    assert_eq!(record(&first, "order").await, before);
    first.complete(&claim, &outcome("42"), HOUR).await.expect("the holder completes");
}

/// An outcome and a release that have not expired stay.
pub async fn purge_keeps_unexpired(backend: &dyn Backend) {
    let [first, second] = two(backend).await;
    let claim = acquire(&first, &request("completed")).await;
    first.complete(&claim, &outcome("42"), HOUR).await.expect("the holder completes");
    let claim = acquire(&first, &request("released")).await;
    first.release(&claim).await.expect("the holder releases");
    let before = [record(&first, "completed").await, record(&first, "released").await];
    assert_eq!(purge(&second, 10).await, 0);
    assert_eq!([record(&first, "completed").await, record(&first, "released").await], before);
}

/// A lapsed claim stays until its retention has passed too: its attempts are still counted.
pub async fn purge_keeps_stale_lease_with_live_ttl(backend: &dyn Backend) {
    let [first, second] = two(backend).await;
    let request = ClaimRequest { lease: SHORT, retention: HOUR, ..request("order") };
    acquire(&first, &request).await;
    lapse(&first, &request.key).await;
    assert_eq!(purge(&second, 10).await, 0);
    assert_eq!(acquire(&first, &by_another(&request)).await.attempt, 2);
}

/// A claim that lapsed under `refuse` is never forgotten, however long ago it should have ended.
pub async fn purge_keeps_lapsed_refuse(backend: &dyn Backend) {
    let [first, second] = two(backend).await;
    let refusing =
        |name| ClaimRequest { lease: SHORT, retention: SHORT, abandoned: Abandoned::Refuse, ..request(name) };
    let rerunning = |name| ClaimRequest { abandoned: Abandoned::Rerun, ..refusing(name) };
    acquire(&first, &refusing("order")).await;
    acquire(&first, &rerunning("measure")).await;
    expire(&first, &key("measure")).await;
    purge(&second, 10).await;
    assert!(found(&first, &key("measure")).await.is_none(), "that much time has passed");
    assert!(found(&first, &key("order")).await.is_some());
    assert_eq!(ask(&second, &refusing("order")).await, ClaimDecision::Abandoned);
    let lapsed = record(&second, "order").await.claim_id.expect("it was claimed");
    second.resolve(&key("order"), lapsed, &Resolution::Rerun).await.expect("the claim has lapsed");
    acquire(&second, &rerunning("order")).await;
}

/// A claim whose lease and retention are both past goes.
pub async fn purge_removes_when_lease_and_ttl_past(backend: &dyn Backend) {
    let [first, second] = two(backend).await;
    let request = ClaimRequest { lease: SHORT, retention: SHORT, ..request("order") };
    acquire(&first, &request).await;
    expire(&first, &request.key).await;
    purge(&second, 10).await;
    assert!(found(&first, &request.key).await.is_none());
    assert_eq!(acquire(&first, &by_another(&request)).await.attempt, 1);
}

/// A purge removes at most as many as it is told. Several at once do not block each other, and remove each record once.
pub async fn purge_batched_and_concurrent(backend: &dyn Backend) {
    const EXPIRED: u32 = 100;

    let stores = two(backend).await;
    for number in 0..EXPIRED {
        completed(&stores[0], number).await;
    }
    let kept = acquire(&stores[0], &request("kept")).await;
    stores[0].complete(&kept, &outcome("42"), HOUR).await.expect("the holder completes");
    expire(&stores[0], &key(&(EXPIRED - 1))).await;

    let first = stores[0].purge_expired(7).await.expect("the store answers");
    assert!(first <= 7, "{first} are more than 7");
    let mut left = 0;
    for number in 0..EXPIRED {
        left += u64::from(found(&stores[1], &key(&number)).await.is_some());
    }
    assert!(left + first == u64::from(EXPIRED) || left == 0, "{first} went, and {left} are left");

    let purged: u64 = race(&stores, |_, store| async move { purge(&store, 7).await }).await.into_iter().sum();
    assert!(purged <= left, "{purged} were purged of {left}");
    let rest = purge(&stores[0], 7).await;
    assert!(left == 0 || purged + rest == left, "{purged} and {rest} were purged of {left}");
    for number in 0..EXPIRED {
        assert!(found(&stores[0], &key(&number)).await.is_none());
    }
    assert!(found(&stores[1], &key("kept")).await.is_some());
}

/// A claim that races with purges of the expired record under it is never lost.
pub async fn purge_races_claim(backend: &dyn Backend) {
    const KEYS: usize = RACERS / 4;

    let stores = two(backend).await;
    for round in 0..5 {
        for number in 0..KEYS {
            let claim = acquire(&stores[0], &request(&(round, number))).await;
            stores[0].complete(&claim, &outcome("1"), SHORT).await.expect("the holder completes");
        }
        expire(&stores[0], &key(&(round, KEYS - 1))).await;
        let claims = race(&stores, |number, store| async move {
            if number % 4 == 3 {
                purge(&store, 2).await;
                return None;
            }
            match ask(&store, &request(&(round, number % KEYS))).await {
                ClaimDecision::Acquired(claim) => Some(claim),
                ClaimDecision::InProgress { .. } => None,
                other => panic!("the outcome before has expired, and yet: {other:?}"),
            }
        })
        .await;
        let claims: Vec<_> = claims.into_iter().flatten().collect();
        assert_eq!(claims.len(), KEYS - KEYS / 4, "every key that was asked for is claimed once");
        for claim in claims {
            stores[1].complete(&claim, &outcome("2"), HOUR).await.expect("the claim stands");
            assert_eq!(
                ask(&stores[0], &ClaimRequest { key: claim.key, ..request("order") }).await,
                ClaimDecision::Replay(outcome("2"))
            );
        }
    }
}

/// A record that goes between two questions of a waiter is no failure: the waiter claims the key, which is free.
pub async fn row_deleted_between_claim_and_read(backend: &dyn Backend) {
    let (store, elsewhere) = (faulty(backend).await, backend.store().await);
    let claim = acquire(&elsewhere, &request("order")).await;
    let waiter = tokio::spawn({
        let store = Arc::clone(&store);
        async move {
            let waits = operation("order").in_flight(InFlight::Wait(LONG));
            waits.run(&store, async |execution| Ok::<_, Error>(execution.attempt())).await
        }
    });
    store.called(Method::Claim, 2).await;
    // The waiter's next question is still on its way while the outcome comes and goes.
    let asked = store.calls(Method::Claim);
    store.plan(Method::Claim, [Fault::Delays(4 * SHORT)]);
    store.called(Method::Claim, asked + 1).await;
    elsewhere.complete(&claim, &outcome("42"), Duration::from_millis(1)).await.expect("the holder completes");
    // By then the record has expired. On a slow machine the waiter may have claimed it already, and nothing is there to purge.
    tokio::time::sleep(SHORT).await;
    purge(&elsewhere, 10).await;
    let answer = waiter.await.expect("it does not panic").expect("the key is free");
    // Or it asked in time for the outcome.
    assert!(matches!(answer, Answer::Executed(1) | Answer::Replayed(42)), "{answer:?}");
}
