//! The names that keep the keys of two functions apart.

use idem::{Error, idempotent};

use super::{PayError, World};

#[tokio::test]
async fn explicit_name_survives_rename_and_move() {
    mod before {
        #[idem::idempotent(store = world.idem, key = id, scope = "tests.survives")]
        pub(super) async fn charge(world: &super::World, id: u64) -> Result<u32, idem::Error> {
            Ok(world.run())
        }
    }

    mod after {
        #[idem::idempotent(store = world.idem, key = id, scope = "tests.survives")]
        pub(super) async fn charge_order(world: &super::World, id: u64) -> Result<u32, idem::Error> {
            Ok(world.run())
        }

        #[idem::idempotent(store = world.idem, key = id)]
        pub(super) async fn charge(world: &super::World, id: u64) -> Result<u32, idem::Error> {
            Ok(world.run())
        }
    }

    let world = World::new();
    assert_eq!(before::charge(&world, 1).await.unwrap(), 1);
    assert_eq!(after::charge_order(&world, 1).await.unwrap(), 1);
    assert_eq!(after::charge(&world, 1).await.unwrap(), 2, "a derived scope is the path of the function");
}

#[tokio::test]
async fn no_duplicate_names_lint() {
    struct Card;
    struct Bank;

    impl Card {
        #[idempotent(store = world.idem, key = id)]
        async fn charge_once(world: &World, id: u64) -> Result<u32, Error> {
            Ok(world.run())
        }

        #[idempotent(store = world.idem, key = id, scope = "tests.shared")]
        async fn shared(world: &World, id: u64) -> Result<u32, Error> {
            Ok(world.run())
        }
    }

    impl Bank {
        #[idempotent(store = world.idem, key = id)]
        async fn charge_once(world: &World, id: u64) -> Result<u32, Error> {
            Ok(world.run())
        }

        #[idempotent(store = world.idem, key = id, scope = "tests.shared")]
        async fn shared(world: &World, id: u64) -> Result<u32, Error> {
            Ok(world.run())
        }
    }

    let world = World::new();
    assert_eq!(Card::charge_once(&world, 1).await.unwrap(), 1);
    let error = Bank::charge_once(&world, 2).await.unwrap_err().to_string();
    assert!(error.contains("charge_once") && error.contains("scope ="), "{error}");
    assert_eq!(world.runs(), 1, "nothing ran under a scope that two functions share");
    assert_eq!(Card::shared(&world, 1).await.unwrap(), 2);
    assert_eq!(Bank::shared(&world, 1).await.unwrap(), 2, "a scope that was set may be shared on purpose");
}

#[tokio::test]
async fn event_and_inner_function_both_idempotent() {
    #[idempotent(store = world.idem, key = id)]
    async fn handle(world: &World, id: u64, fails: bool) -> Result<(u32, u32), PayError> {
        let charged = charge_inside(world, id).await?;
        let run = world.run();
        if fails { Err(PayError::Unreachable(run)) } else { Ok((charged, run)) }
    }

    #[idempotent(store = world.idem, key = id)]
    async fn charge_inside(world: &World, id: u64) -> Result<u32, PayError> {
        Ok(world.run())
    }

    let world = World::new();
    assert_eq!(handle(&world, 1, true).await, Err(PayError::Unreachable(2)));
    assert_eq!(handle(&world, 1, false).await, Ok((1, 3)), "the outer function ran again, the inner one did not");
    assert_eq!(handle(&world, 1, false).await, Ok((1, 3)));
    assert_eq!(charge_inside(&world, 1).await, Ok(1));
    assert_eq!(world.runs(), 3);
}
