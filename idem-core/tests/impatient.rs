//! Callers that give up, in any number: whoever holds a claim does not wait behind what they leave.
//!
//! What counts is how many calls the background has at a store at once, not how long they take.
#![cfg(feature = "contract")]

use std::future::pending;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use idem_core::contract::{Fault, Faulty, Method};
use idem_core::{Dropped, Error, Execution, MemoryStore, Operation};

const IMPATIENT: usize = 1_000;
const PATIENCE: Duration = Duration::from_mins(1);

fn store() -> Arc<Faulty> {
    Faulty::new(Arc::new(MemoryStore::new()))
}

fn operation(scope: &'static str, key: &str) -> Operation {
    Operation::new(scope, key).lease(Duration::from_hours(1))
}

async fn ok(_: Execution) -> Result<u32, Error> {
    Ok(1)
}

/// Polls a call once, and drops it.
async fn give_up<T>(call: impl Future<Output = T>) {
    tokio::select! {
        biased;
        _ = pin!(call) => panic!("the call was to be dropped"),
        () = std::future::ready(()) => {}
    }
}

/// Leaves an outcome for the background to store, and waits until it has. What was left to the background before is under way
/// by then.
async fn holder_ends(store: &Arc<Faulty>, scope: &'static str) {
    store.plan(Method::Complete, [Fault::Fails]);
    let before = store.calls(Method::Complete);
    let call = operation(scope, "of the holder").settle_within(Duration::ZERO);
    call.run(store, ok).await.expect("it ran");
    let stored = store.called(Method::Complete, before + 2);
    tokio::time::timeout(PATIENCE, stored).await.expect("the outcome of a holder is stored");
}

#[tokio::test]
async fn claims_of_callers_that_gave_up_are_looked_for_one_at_a_time() {
    let store = store();
    store.plan(Method::Claim, std::iter::repeat_n(Fault::Hangs, IMPATIENT));
    store.always(Method::Release, Fault::Hangs);
    store.always(Method::Lookup, Fault::Hangs);
    for caller in 0..IMPATIENT {
        give_up(operation("gave up", &caller.to_string()).run(&store, ok)).await;
    }
    holder_ends(&store, "gave up").await;
    assert!(store.calls(Method::Release) + store.calls(Method::Lookup) <= 1, "{store:?}");
}

/// A store that has no answer is asked again, for all claims that were left.
#[tokio::test]
async fn claims_that_were_left_while_the_store_was_away_are_found_when_it_is_back() {
    const CLAIMS: usize = 100;
    // More than a claim is looked for where the store answers.
    const AWAY: usize = 12;

    let store = store();
    store.plan(Method::Claim, std::iter::repeat_n(Fault::HangsAfter, CLAIMS));
    store.always(Method::Lookup, Fault::Fails);
    for caller in 0..CLAIMS {
        give_up(operation("away", &caller.to_string()).run(&store, ok)).await;
    }
    tokio::time::timeout(PATIENCE, store.called(Method::Lookup, AWAY)).await.expect("the store is asked again");
    store.heal();
    tokio::time::timeout(PATIENCE, store.called(Method::Release, CLAIMS)).await.expect("all are released");
}

#[tokio::test]
async fn dropped_bodies_are_released_a_few_at_a_time() {
    let store = store();
    store.always(Method::Release, Fault::Hangs);
    for caller in 0..IMPATIENT {
        let body = async |_| pending::<Result<u32, Error>>().await;
        give_up(operation("released", &caller.to_string()).dropped(Dropped::Release).run(&store, body)).await;
    }
    holder_ends(&store, "released").await;
    assert!((1..=8).contains(&store.calls(Method::Release)), "{store:?}");
}

/// Outcomes too wait for their turn, since a store has only so many connections. Leases are renewed meanwhile.
#[tokio::test]
async fn outcomes_in_the_background_take_turns_and_renewals_do_not() {
    let store = store();
    store.always(Method::Complete, Fault::Hangs);
    for caller in 0..IMPATIENT {
        let key = caller.to_string();
        let call = Operation::new("stored", &key).lease(Duration::from_secs(3)).run(&store, ok);
        give_up(call).await;
    }
    tokio::time::timeout(PATIENCE, store.called(Method::Extend, 3)).await.expect("leases are renewed");
    // Each caller has tried once.
    let in_the_background = store.calls(Method::Complete) - IMPATIENT;
    assert!((1..=64).contains(&in_the_background), "{store:?}");
    store.heal();
}
