//! How a call ends that does not just return: it is dropped, its error leaves open what it did, its outcome is too large, or
//! its error is that of an inner call.

use std::time::Duration;

use idem::{Error, MemoryStore, OutcomeLimit, idempotent};
use tokio::sync::oneshot;

use super::{PayError, World};

#[idempotent(store = world.idem, key = id, dropped = finish, in_flight = wait("1m"))]
async fn to_the_end(world: World, id: u64, go_on: oneshot::Receiver<()>) -> Result<u32, Error> {
    go_on.await.expect("the test goes on");
    Ok(world.run())
}

#[idempotent(store = world.idem, key = id, dropped = release)]
async fn released(world: &World, id: u64, waits: bool) -> Result<u32, Error> {
    let run = world.run();
    if waits {
        std::future::pending::<()>().await;
    }
    Ok(run)
}

#[idempotent(store = world.idem, key = id, dropped = lapse)]
async fn lapses(world: &World, id: u64, waits: bool) -> Result<u32, Error> {
    let run = world.run();
    if waits {
        std::future::pending::<()>().await;
    }
    Ok(run)
}

/// Polls a call until it waits inside its body, and drops it.
async fn drop_inside<F: Future>(world: &World, call: F) {
    let before = world.runs();
    let mut call = std::pin::pin!(call);
    while world.runs() == before {
        tokio::select! {
            biased;
            _ = &mut call => panic!("the body waits"),
            () = tokio::task::yield_now() => {}
        }
    }
}

#[tokio::test]
async fn a_body_that_finishes_goes_on_when_its_caller_is_gone() {
    let world = World::new();
    let (go_on, gone_on) = oneshot::channel();
    let mut first = Box::pin(to_the_end(world.clone(), 1, gone_on));
    for _ in 0..10 {
        tokio::select! {
            biased;
            _ = &mut first => panic!("the body waits"),
            () = tokio::task::yield_now() => {}
        }
    }
    drop(first);
    let (_never, never) = oneshot::channel();
    let retry = tokio::spawn(to_the_end(world.clone(), 1, never));
    tokio::task::yield_now().await;
    go_on.send(()).expect("the body is still there");
    assert_eq!(retry.await.unwrap().unwrap(), 1);
    assert_eq!(world.runs(), 1, "the outcome of the first call was stored");
}

/// Nobody waits for it any more, and the first call's caller has been told that it failed.
#[tokio::test]
async fn a_call_that_is_dropped_while_it_waits_runs_no_body_later() {
    let world = World::new();
    let (go_on, gone_on) = oneshot::channel::<()>();
    let first = tokio::spawn(to_the_end(world.clone(), 1, gone_on));
    for _ in 0..10 {
        tokio::task::yield_now().await;
    }
    let (second_goes_on, second_gone_on) = oneshot::channel();
    let second = to_the_end(world.clone(), 1, second_gone_on);
    assert!(tokio::time::timeout(Duration::from_millis(50), second).await.is_err(), "it waits");
    assert!(second_goes_on.send(()).is_err(), "its body is gone, and will not begin");
    drop(go_on);
    assert!(first.await.is_err(), "its body panics");
    let (third_goes_on, third_gone_on) = oneshot::channel();
    third_goes_on.send(()).expect("the third is there");
    assert_eq!(to_the_end(world.clone(), 1, third_gone_on).await.unwrap(), 1);
}

#[tokio::test]
async fn a_dropped_body_releases_its_claim_or_lets_it_lapse() {
    let world = World::new();
    drop_inside(&world, released(&world, 1, true)).await;
    while released(&world, 1, false).await.is_err() {
        tokio::task::yield_now().await;
    }
    assert_eq!(world.runs(), 2);
    drop_inside(&world, lapses(&world, 1, true)).await;
    assert!(lapses(&world, 1, false).await.unwrap_err().is_in_progress(), "its lease still stands");
    assert_eq!(world.runs(), 3);
}

#[tokio::test]
async fn after_an_error_that_leaves_open_what_happened_nothing_runs() {
    #[idempotent(store = world.idem, scope = "tests.unknown_if", key = id, unknown_if = |error| *error == PayError::Unreachable(1))]
    async fn charge(world: &World, id: u64) -> Result<u32, PayError> {
        Err(PayError::Unreachable(world.run()))
    }

    #[idempotent(
        store = world.idem,
        scope = "tests.unknown_and_kept",
        key = 1,
        errors = keep,
        unknown_if = PayError::is_final
    )]
    async fn kept(world: &World) -> Result<u32, PayError> {
        Err(PayError::Declined(world.run()))
    }

    let world = World::new();
    assert_eq!(charge(&world, 1).await, Err(PayError::Unreachable(1)));
    assert!(matches!(charge(&world, 1).await, Err(PayError::Idem(_))));
    assert_eq!(charge(&world, 2).await, Err(PayError::Unreachable(2)));
    assert_eq!(charge(&world, 2).await, Err(PayError::Unreachable(3)), "another error releases the claim");
    assert_eq!(kept(&world).await, Err(PayError::Declined(4)));
    assert!(matches!(kept(&world).await, Err(PayError::Idem(_))), "what is unknown is not kept");
    assert_eq!(world.runs(), 4);
}

#[tokio::test]
async fn an_outcome_over_its_limit_goes_to_the_first_caller_or_to_nobody() {
    const SMALL: OutcomeLimit = OutcomeLimit::error(8);

    #[idempotent(store = world.idem, scope = "tests.marked", key = 1, outcome_limit = marker(8))]
    async fn marked(world: &World) -> Result<String, Error> {
        Ok("x".repeat(8 + world.run() as usize))
    }

    #[idempotent(store = world.idem, scope = "tests.refused", key = size, outcome_limit = error(size))]
    async fn refused(world: &World, size: usize) -> Result<String, Error> {
        Ok("x".repeat(8 + world.run() as usize))
    }

    #[idempotent(store = world.idem, scope = "tests.small", key = 1, outcome_limit = SMALL)]
    async fn small(world: &World) -> Result<Vec<u8>, Error> {
        Ok(vec![255; 8 + world.run() as usize])
    }

    let world = World::new();
    assert_eq!(marked(&world).await.unwrap().len(), 9);
    assert!(marked(&world).await.unwrap_err().is_completed_without_outcome());
    assert!(refused(&world, 8).await.unwrap_err().is_outcome_too_large());
    assert!(refused(&world, 100).await.is_ok());
    let error = small(&world).await.unwrap_err();
    assert!(error.is_outcome_too_large() && error.to_string().contains("base64"), "{error}");
    assert_eq!(world.runs(), 4);
}

/// Keeps all its errors, and calls another operation.
mod outer {
    use super::{Error, MemoryStore, PayError, World, idempotent};

    #[idempotent(store = store, scope = "tests.inner", key = 1)]
    pub(super) async fn inner(store: &MemoryStore, world: &World, fails: bool) -> Result<u32, Error> {
        let run = world.run();
        if fails {
            std::future::pending::<()>().await;
        }
        Ok(run)
    }

    #[idempotent(store = world.idem, scope = "tests.outer", key = id, errors = keep)]
    pub(super) async fn outer(world: &World, store: &MemoryStore, id: u64) -> Result<u32, PayError> {
        Ok(inner(store, world, false).await? + 100)
    }

    #[idempotent(store = world.idem, scope = "tests.wrapping", key = id, errors = keep)]
    pub(super) async fn wrapping(world: &World, store: &MemoryStore, id: u64) -> Result<u32, PayError> {
        inner(store, world, false).await.map_err(|_| PayError::Declined(0))
    }

    #[idempotent(store = world.idem, scope = "tests.going_on", key = id, errors = keep)]
    pub(super) async fn going_on(world: &World, store: &MemoryStore, id: u64) -> Result<u32, PayError> {
        let refused = inner(store, world, false).await;
        assert!(refused.is_err());
        tokio::task::yield_now().await;
        Err(PayError::Declined(world.run()))
    }
}

#[tokio::test]
async fn why_an_inner_call_was_refused_is_not_kept() {
    let world = World::new();
    let store = MemoryStore::new();
    let mut running = Box::pin(outer::inner(&store, &world, true));
    while world.runs() == 0 {
        tokio::select! {
            biased;
            _ = &mut running => panic!("the body waits"),
            () = tokio::task::yield_now() => {}
        }
    }
    assert!(matches!(outer::outer(&world, &store, 1).await, Err(PayError::Idem(_))));
    assert_eq!(outer::wrapping(&world, &store, 1).await, Err(PayError::Declined(0)), "as its own error");
    assert_eq!(outer::going_on(&world, &store, 1).await, Err(PayError::Declined(2)));
    assert_eq!(
        outer::going_on(&world, &store, 1).await,
        Err(PayError::Declined(2)),
        "it went on after it, and ended by itself"
    );

    // Where the inner call is free: both run again.
    drop(running);
    let elsewhere = MemoryStore::new();
    assert_eq!(outer::outer(&world, &elsewhere, 1).await, Ok(103));
    assert_eq!(outer::wrapping(&world, &elsewhere, 1).await, Ok(3));
}
