//! Each option does what its row says.

use std::sync::Arc;
use std::time::Duration;

use idem::{Error, idempotent};

use super::{PayError, World};

#[tokio::test]
async fn another_payload_under_the_same_key_is_a_mismatch() {
    #[idempotent(store = world.idem, scope = "tests.charge_amount", key = id, fingerprint = (amount, currency))]
    async fn charge_amount(world: &World, id: u64, amount: u64, currency: &str) -> Result<u32, Error> {
        Ok(world.run())
    }

    let world = World::new();
    assert_eq!(charge_amount(&world, 1, 100, "EUR").await.unwrap(), 1);
    assert_eq!(charge_amount(&world, 1, 100, "EUR").await.unwrap(), 1);
    assert!(charge_amount(&world, 1, 100, "USD").await.unwrap_err().is_mismatch());
    assert_eq!(world.runs(), 1);
}

#[tokio::test]
async fn errors_are_released_kept_or_chosen() {
    #[idempotent(store = world.idem, scope = "tests.released", key = 1, errors = release)]
    async fn released(world: &World) -> Result<u32, PayError> {
        Err(PayError::Declined(world.run()))
    }

    #[idempotent(store = world.idem, scope = "tests.kept", key = 1, errors = keep)]
    async fn kept(world: &World) -> Result<u32, PayError> {
        Err(PayError::Declined(world.run()))
    }

    #[idempotent(store = world.idem, scope = "tests.chosen", key = id, errors = keep_if(PayError::is_final))]
    async fn chosen(world: &World, id: u64, error: fn(u32) -> PayError) -> Result<u32, PayError> {
        Err(error(world.run()))
    }

    #[idempotent(store = world.idem, scope = "tests.chosen_by_closure", key = 1, errors = keep_if(|error| *error == PayError::Unreachable(7)))]
    async fn chosen_by_closure(world: &World) -> Result<u32, PayError> {
        Err(PayError::Unreachable(world.run()))
    }

    let world = World::new();
    assert_eq!(released(&world).await, Err(PayError::Declined(1)));
    assert_eq!(released(&world).await, Err(PayError::Declined(2)));
    assert_eq!(kept(&world).await, Err(PayError::Declined(3)));
    assert_eq!(kept(&world).await, Err(PayError::Declined(3)));
    assert_eq!(chosen(&world, 1, PayError::Declined).await, Err(PayError::Declined(4)));
    assert_eq!(chosen(&world, 1, PayError::Declined).await, Err(PayError::Declined(4)));
    assert_eq!(chosen(&world, 2, PayError::Unreachable).await, Err(PayError::Unreachable(5)));
    assert_eq!(chosen(&world, 2, PayError::Unreachable).await, Err(PayError::Unreachable(6)));
    assert_eq!(chosen_by_closure(&world).await, Err(PayError::Unreachable(7)));
    assert_eq!(chosen_by_closure(&world).await, Err(PayError::Unreachable(7)));
}

#[tokio::test]
async fn attempts_are_limited_and_counted_for_the_body() {
    #[idempotent(store = world.idem, scope = "tests.charge_at_most_twice", key = 1, max_attempts = 2, context = execution)]
    async fn charge_at_most_twice(world: &World) -> Result<u32, PayError> {
        world.run();
        Err(PayError::Unreachable(execution.attempt()))
    }

    let world = World::new();
    assert_eq!(charge_at_most_twice(&world).await, Err(PayError::Unreachable(1)));
    assert_eq!(charge_at_most_twice(&world).await, Err(PayError::Unreachable(2)));
    assert!(matches!(charge_at_most_twice(&world).await, Err(PayError::Idem(_))));
    assert_eq!(world.runs(), 2);
}

#[tokio::test]
async fn the_context_tells_the_downstream_key_of_the_call() {
    #[idempotent(store = world.idem, scope = "tests.charge_downstream", key = id, context = execution)]
    async fn charge_downstream(world: &World, id: u64) -> Result<String, Error> {
        world.run();
        Ok(execution.downstream_key("gateway"))
    }

    let world = World::new();
    let first = charge_downstream(&world, 1).await.unwrap();
    assert_ne!(first, charge_downstream(&world, 2).await.unwrap());
    assert_eq!(
        first,
        charge_downstream(&World::new(), 1).await.unwrap(),
        "the same key, in any attempt and on any store"
    );
}

#[tokio::test]
async fn an_outcome_of_another_version_is_an_error_and_no_rerun() {
    #[idempotent(store = world.idem, key = 1, scope = "tests.version")]
    async fn before(world: &World) -> Result<u32, Error> {
        Ok(world.run())
    }

    #[idempotent(store = world.idem, key = 1, scope = "tests.version", version = 2)]
    async fn after(world: &World) -> Result<String, Error> {
        Ok(world.run().to_string())
    }

    let world = World::new();
    assert_eq!(before(&world).await.unwrap(), 1);
    let error = after(&world).await.unwrap_err();
    assert!(error.to_string().contains("version"), "{error}");
    assert_eq!(world.runs(), 1);
}

#[tokio::test]
async fn a_duplicate_in_flight_is_rejected_or_waits() {
    #[idempotent(store = world.idem, key = 1, scope = "tests.in_flight")]
    async fn charge_slowly(
        world: &World,
        started: Arc<tokio::sync::Barrier>,
        go_on: Arc<tokio::sync::Barrier>,
    ) -> Result<u32, Error> {
        started.wait().await;
        go_on.wait().await;
        Ok(world.run())
    }

    #[idempotent(store = world.idem, key = 1, scope = "tests.in_flight", in_flight = reject)]
    async fn rejected(world: &World) -> Result<u32, Error> {
        Ok(world.run())
    }

    #[idempotent(store = world.idem, key = 1, scope = "tests.in_flight", in_flight = wait("1m"))]
    async fn waits(world: &World) -> Result<u32, Error> {
        Ok(world.run())
    }

    #[idempotent(store = world.idem, key = 1, scope = "tests.in_flight", in_flight = wait(Duration::from_millis(1)))]
    async fn waits_too_briefly(world: &World) -> Result<u32, Error> {
        Ok(world.run())
    }

    let world = World::new();
    let [started, go_on] = [(), ()].map(|()| Arc::new(tokio::sync::Barrier::new(2)));
    let first = tokio::spawn({
        let (world, started, go_on) = (world.clone(), started.clone(), go_on.clone());
        async move { charge_slowly(&world, started, go_on).await }
    });
    started.wait().await;
    assert!(rejected(&world).await.unwrap_err().is_in_progress());
    assert!(waits_too_briefly(&world).await.unwrap_err().is_wait_timeout());
    let waiting = tokio::spawn({
        let world = world.clone();
        async move { waits(&world).await }
    });
    go_on.wait().await;
    assert_eq!(first.await.unwrap().unwrap(), 1);
    assert_eq!(waiting.await.unwrap().unwrap(), 1);
    assert_eq!(world.runs(), 1);
}

#[tokio::test]
async fn durations_are_literals_or_expressions() {
    struct Config {
        lease: Duration,
    }

    #[idempotent(store = world.idem, scope = "tests.charge_for", key = id, lease = config.lease, retain = "1h 30m", abandoned = refuse)]
    async fn charge_for(world: &World, config: &Config, id: u64) -> Result<u32, Error> {
        Ok(world.run())
    }

    let world = World::new();
    assert_eq!(charge_for(&world, &Config { lease: Duration::from_secs(1) }, 1).await.unwrap(), 1);
    assert_eq!(charge_for(&world, &Config { lease: Duration::from_secs(1) }, 1).await.unwrap(), 1);
    let error = charge_for(&world, &Config { lease: Duration::ZERO }, 2).await.unwrap_err();
    assert!(error.to_string().contains("lease"), "an expression is checked when it is known: {error}");
    assert_eq!(world.runs(), 1);
}
