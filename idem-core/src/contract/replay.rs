//! The first call runs, the others replay.

use crate::{Answer, Codec, Error, OutcomeKind, State};

use super::support::{
    Executions, HOUR, RACERS, acquire, by_another, faulty, fingerprint, found, key, operation, race, record, request,
    two,
};
use super::{Backend, Method};

/// The body of the first call runs, and its outcome is kept with its fingerprint and its end.
pub async fn first_call_executes_and_persists(backend: &dyn Backend) {
    let store = backend.store().await;
    let answer = operation("order").fingerprint(&17_u32).run(&store, async |_| Ok::<_, Error>(42)).await;
    assert_eq!(answer.expect("the body runs"), Answer::Executed(42));

    let record = record(&store, "order").await;
    let State::Finished(outcome) = &record.state else { panic!("the record is {}", record.state.name()) };
    assert_eq!((outcome.kind, outcome.codec, outcome.version), (OutcomeKind::Value, Codec::Json, 1));
    assert_eq!(&*outcome.text, "42");
    assert_eq!(record.key, key("order"));
    assert_eq!(record.fingerprint, Some(fingerprint(17)));
    assert_eq!(record.expires_at, record.updated_at + HOUR);
    assert_eq!(record.attempts, 1);
    assert!(record.claim_id.is_some() && record.fence.number() > 0 && record.created_at <= record.updated_at);
}

/// The second call gets the same value, says that it was replayed, and runs nothing, on whichever instance it comes.
pub async fn second_call_replays_without_executing(backend: &dyn Backend) {
    let [first, second] = two(backend).await;
    let executions = Executions::default();
    let call = async |store| {
        let body = async |_| Ok::<_, Error>(format!("receipt {}", executions.add()));
        operation("order").run(store, body).await.expect("there is an outcome")
    };
    assert_eq!(call(&first).await, Answer::Executed("receipt 1".to_owned()));
    for store in [&first, &second, &first] {
        assert_eq!(call(store).await, Answer::Replayed("receipt 1".to_owned()));
    }
    assert_eq!(executions.count(), 1);
}

/// A replay is one call of the store and writes nothing; a first call is two.
pub async fn replay_costs_one_round_trip(backend: &dyn Backend) {
    let store = faulty(backend).await;
    let call =
        async || operation("order").run(&store, async |_| Ok::<_, Error>(42)).await.expect("there is an outcome");
    call().await;
    assert_eq!((store.calls(Method::Claim), store.calls(Method::Complete), store.all_calls()), (1, 1, 2));

    let before = record(&store, "order").await;
    let calls = store.all_calls();
    assert!(call().await.is_replayed());
    assert_eq!((store.calls(Method::Claim), store.all_calls()), (2, calls + 1));
    assert_eq!(record(&store, "order").await, before);
}

/// Two keys are two calls.
pub async fn different_keys_are_independent(backend: &dyn Backend) {
    let store = backend.store().await;
    for round in [Answer::Executed as fn(u8) -> _, Answer::Replayed] {
        for number in [1, 2] {
            let answer = operation(&number).run(&store, async |_| Ok::<_, Error>(number)).await;
            assert_eq!(answer.expect("there is an outcome"), round(number));
        }
    }
    assert!(found(&store, &key(&3_u8)).await.is_none(), "a key that was not claimed has no record");
}

/// Replays do not get in each other's way: all of many at once succeed.
pub async fn completed_replay_under_concurrency_never_conflicts(backend: &dyn Backend) {
    let stores = two(backend).await;
    let call = async |store| operation("order").run(&store, async |_| Ok::<_, Error>(42)).await;
    call(stores[0].clone()).await.expect("the body runs");
    let before = record(&stores[1], "order").await;

    let answers = race(&stores, |_, store| call(store)).await;
    assert_eq!(answers.len(), RACERS);
    for answer in answers {
        assert_eq!(answer.expect("a replay is never refused"), Answer::Replayed(42));
    }
    assert_eq!(record(&stores[0], "order").await, before);
}

/// A key that was released is free at once, counts the attempt, and has a greater fence.
pub async fn released_key_can_be_acquired_again(backend: &dyn Backend) {
    let [first, second] = two(backend).await;
    let request = request("order");
    let released = acquire(&first, &request).await;
    first.release(&released).await.expect("the holder may release");
    assert_eq!(record(&second, "order").await.state, State::Released);

    let claim = acquire(&second, &by_another(&request)).await;
    assert_eq!((claim.attempt, claim.origin), (2, crate::Origin::Free));
    assert!(claim.fence > released.fence);
}
