//! A claim stands for as long as its lease, and no longer.

use std::time::Duration;

use crate::{Answer, ClaimDecision, ClaimRequest, Error, Extension, Origin, State, StoreError};

use super::Backend;
use super::support::{
    Executions, HOUR, LONG, RACERS, SHORT, UNRENEWED, acquire, acquire_and_lapse, acquired, ask, becomes, by_another,
    clock, expire, found, key, lapse, operation, outcome, race, record, request, two,
};

/// A claim whose lease is live blocks the key, and tells how long.
pub async fn lease_not_expired_blocks(backend: &dyn Backend) {
    let [first, second] = two(backend).await;
    acquire(&first, &request("order")).await;
    for store in [&first, &second] {
        match ask(store, &request("order")).await {
            ClaimDecision::InProgress { lease_left } => assert!(Duration::ZERO < lease_left && lease_left <= LONG),
            other => panic!("the key is claimed, and yet: {other:?}"),
        }
    }
}

/// A claim whose lease ran out is taken over under a new claim id, with a greater fence, as the next attempt.
pub async fn lease_expired_is_taken_over(backend: &dyn Backend) {
    let [first, second] = two(backend).await;
    let request = request("order");
    let dead = acquire_and_lapse(&first, &request).await;
    let another = by_another(&request);
    let claim = acquire(&second, &another).await;
    assert_eq!((claim.claim_id, claim.attempt, claim.origin), (another.claim_id, 2, Origin::Takeover));
    assert!(claim.fence > dead.fence);
    let record = record(&first, "order").await;
    assert_eq!((record.claim_id, record.fence, record.attempts), (Some(claim.claim_id), claim.fence, 2));

    acquire_and_lapse(&first, &super::support::request("another order")).await;
    let answer = operation("another order").run(&second, async |execution| Ok::<_, Error>(execution.attempt())).await;
    assert_eq!(answer.expect("the body runs"), Answer::Executed(2));
}

/// The leases of many claims are renewed in one call, with an answer for each: those that are lost fail no other.
pub async fn renewing_many_claims_answers_each(backend: &dyn Backend) {
    let [first, second] = two(backend).await;
    let mut extensions = Vec::new();
    for number in 0..8_u32 {
        let request = ClaimRequest { lease: UNRENEWED, ..request(&number) };
        extensions.push(Extension { claim: acquire(&first, &request).await, lease: LONG + HOUR * number });
    }
    first.release(&extensions[0].claim).await.expect("the holder releases");
    first.complete(&extensions[3].claim, &outcome("42"), HOUR).await.expect("the holder completes");
    lapse(&first, &extensions[6].claim.key).await;
    acquire(&second, &request(&6_u32)).await;
    let mut never = extensions[7].clone();
    never.claim.key = key("never claimed");
    extensions.push(never);

    let answers = first.extend_all(&extensions).await;
    let lost: Vec<_> = answers.iter().map(|answer| answer.as_ref().is_err_and(StoreError::is_claim_lost)).collect();
    assert_eq!(lost, [true, false, false, true, false, false, true, false, true], "{answers:?}");
    assert!(answers.iter().all(|answer| answer.is_ok() || answer.as_ref().is_err_and(StoreError::is_claim_lost)));
    for Extension { claim, lease } in [1, 2, 4, 5, 7].map(|number: usize| extensions[number].clone()) {
        let held = record(&second, &claim.key.text().parse::<u32>().expect("a number")).await;
        let now = clock(&second, &claim.key).await;
        let State::Running { lease_until, .. } = held.state else { panic!("{held:?}") };
        assert_eq!(held.claim_id, Some(claim.claim_id));
        assert!(lease_until.since(now) + LONG / 2 > lease && lease_until.since(now) <= lease, "{held:?}");
    }
    assert!(found(&second, &key("never claimed")).await.is_none(), "a renewal makes no record");
    assert!(first.extend_all(&[]).await.is_empty());
}

/// Of many callers that find a lapsed claim one takes it over.
pub async fn takeover_under_contention_single_winner(backend: &dyn Backend) {
    let stores = two(backend).await;
    for round in 0..5 {
        acquire_and_lapse(&stores[0], &request(&round)).await;
        let decisions = race(&stores, |_, store| async move { ask(&store, &request(&round)).await }).await;
        let winners: Vec<_> = decisions.iter().filter(|it| matches!(it, ClaimDecision::Acquired(_))).collect();
        let refused = decisions.iter().filter(|it| matches!(it, ClaimDecision::InProgress { .. })).count();
        assert_eq!((winners.len(), refused), (1, RACERS - 1), "{decisions:?}");
        let claim = acquired(winners[0].clone());
        let record = record(&stores[1], &round).await;
        assert_eq!((record.claim_id, record.fence, record.attempts), (Some(claim.claim_id), claim.fence, 2));
    }
}

/// Who saw a claim running, and comes to take it over after it was completed, gets the outcome.
pub async fn stale_snapshot_takeover_cannot_overwrite_completed(backend: &dyn Backend) {
    let [first, second] = two(backend).await;
    let request = request("order");
    let claim = acquire(&first, &request).await;
    let seen = ask(&second, &by_another(&request)).await;
    assert!(matches!(seen, ClaimDecision::InProgress { .. }), "{seen:?}");
    first.extend(&claim, SHORT).await.expect("the holder extends");
    lapse(&second, &request.key).await;
    first.complete(&claim, &outcome("42"), HOUR).await.expect("nobody took over yet");
    assert_eq!(ask(&second, &by_another(&request)).await, ClaimDecision::Replay(outcome("42")));

    let stores = [first, second];
    for round in 0..10 {
        completion_and_takeovers_agree(&stores, round).await;
    }
}

/// A completion races with takeovers of its lapsed claim: either it is stored and nobody takes over, or it is lost.
async fn completion_and_takeovers_agree(stores: &[std::sync::Arc<dyn crate::Store>; 2], round: usize) {
    let lapsed = acquire_and_lapse(&stores[0], &request(&round)).await;
    let the_completion = (round * 7) % RACERS;
    let answers = race(stores, |number, store| {
        let lapsed = lapsed.clone();
        async move {
            if number == the_completion {
                let answer = store.complete(&lapsed, &outcome("42"), HOUR).await;
                assert!(answer.as_ref().err().is_none_or(StoreError::is_claim_lost), "{answer:?}");
                (answer.is_ok(), false)
            } else {
                (false, matches!(ask(&store, &request(&round)).await, ClaimDecision::Acquired(_)))
            }
        }
    })
    .await;
    let completed = answers.iter().filter(|(completed, _)| *completed).count();
    let taken_over = answers.iter().filter(|(_, taken_over)| *taken_over).count();
    assert_eq!(completed + taken_over, 1, "{completed} completed, {taken_over} took over");
    assert_eq!(record(&stores[1], &round).await.state.name(), if completed == 1 { "completed" } else { "running" });
}

/// The fence of a key grows from claim to claim: after a release, a takeover, an expiry, and an expiry and a purge.
pub async fn generation_is_monotonic_across_takeovers_and_expiry(backend: &dyn Backend) {
    let [first, second] = two(backend).await;
    let request = request("order");
    let mut fences = Vec::new();
    for store in [&first, &second, &first] {
        let claim = acquire(store, &by_another(&request)).await;
        store.release(&claim).await.expect("the holder may release");
        fences.push(claim.fence);

        fences.push(acquire_and_lapse(store, &by_another(&request)).await.fence);
        let claim = acquire(store, &by_another(&request)).await;
        fences.push(claim.fence);

        store.complete(&claim, &outcome("42"), SHORT).await.expect("the holder completes");
        expire(store, &request.key).await;
        let claim = acquire(store, &by_another(&request)).await;
        fences.push(claim.fence);

        store.complete(&claim, &outcome("42"), SHORT).await.expect("the holder completes");
        expire(store, &request.key).await;
        store.purge_expired(10).await.expect("the store answers");
    }
    assert!(fences.is_sorted_by(|earlier, later| earlier < later), "{fences:?}");
}

/// The body sees the fence that the record has, and keys for downstream systems that are the same in every attempt.
pub async fn generation_exposed_to_body(backend: &dyn Backend) {
    let store = backend.store().await;
    let seen = async |name: &str| {
        let mut seen = None;
        let body = async |execution: crate::Execution| {
            let running = record(&store, name).await;
            assert_eq!((execution.fence(), execution.attempt()), (running.fence, running.attempts));
            assert_eq!(execution.key(), &key(name));
            assert!(!execution.is_lost());
            seen = Some((execution.fence(), execution.downstream_key("stripe"), execution.downstream_key("mail")));
            Err::<(), _>(Error::misuse("the body fails"))
        };
        operation(name).run(&store, body).await.expect_err("the body fails");
        becomes(&store, name, "released").await;
        seen.expect("the body ran")
    };
    let (first_fence, first_stripe, first_mail) = seen("order").await;
    let (second_fence, second_stripe, second_mail) = seen("order").await;
    assert!(second_fence > first_fence);
    assert_eq!((&first_stripe, &first_mail), (&second_stripe, &second_mail));
    assert_ne!(first_stripe, first_mail);
    assert_ne!(first_stripe, seen("another order").await.1);
    let executions = Executions::default();
    operation("order").run(&store, async |_| Ok::<_, Error>(executions.add())).await.expect("the key is free");
    assert_eq!(executions.count(), 1);
}
