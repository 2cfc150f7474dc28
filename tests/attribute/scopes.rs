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

mod twice {
    macro_rules! charge {
        ($module:ident) => {
            pub(super) mod $module {
                #[idem::idempotent(store = world.idem, key = id)]
                pub(in super::super) async fn charge(world: &crate::World, id: u64) -> Result<u32, idem::Error> {
                    Ok(world.run())
                }
            }
        };
    }

    charge!(one);
    charge!(two);

    pub(super) struct Order;

    // Found by its name in place of the method.
    async fn charge(_: u64) {}

    impl Order {
        pub(super) async fn other() {
            charge(0).await;
        }

        #[idem::idempotent(store = world.idem, key = id)]
        pub(super) async fn charge(world: &crate::World, id: u64) -> Result<u32, idem::Error> {
            Ok(world.run())
        }
    }
}

#[tokio::test]
async fn a_function_that_a_macro_writes_into_two_modules_has_two_scopes() {
    let world = World::new();
    assert_eq!(twice::one::charge(&world, 1).await.unwrap(), 1);
    assert_eq!(twice::two::charge(&world, 1).await.unwrap(), 2);
}

#[tokio::test]
async fn a_method_does_not_take_the_scope_of_a_function_of_its_name() {
    let world = World::new();
    let error = twice::Order::charge(&world, 1).await.unwrap_err();
    twice::Order::other().await;
    assert!(error.is_misuse() && error.to_string().contains("Order::charge"), "{error}");
    assert_eq!(world.runs(), 0);
}

#[tokio::test]
async fn a_scope_that_was_set_may_be_shared_by_two_functions() {
    struct Card;
    struct Bank;

    impl Card {
        #[idempotent(store = world.idem, key = id, scope = "tests.shared")]
        async fn charge(world: &World, id: u64) -> Result<u32, Error> {
            Ok(world.run())
        }
    }

    impl Bank {
        #[idempotent(store = world.idem, key = id, scope = "tests.shared")]
        async fn charge(world: &World, id: u64) -> Result<u32, Error> {
            Ok(world.run())
        }
    }

    let world = World::new();
    assert_eq!(Card::charge(&world, 1).await.unwrap(), 1);
    assert_eq!(Bank::charge(&world, 1).await.unwrap(), 1);
}

/// A payment provider, of which there are several.
trait Provider {
    const SCOPE: &'static str;

    fn world(&self) -> &World;

    #[idempotent(store = self.world().idem, scope = "tests.one_scope_for_all", key = id)]
    async fn charge_in_one_scope(&self, id: u64) -> Result<u32, Error> {
        Ok(self.world().run())
    }

    #[idempotent(store = self.world().idem, scope = shared("tests.shared_by_all"), key = id)]
    async fn charge_in_a_shared_scope(&self, id: u64) -> Result<u32, Error> {
        Ok(self.world().run())
    }

    #[idempotent(store = self.world().idem, scope = Self::SCOPE, key = id)]
    async fn charge_in_a_scope_of_its_own(&self, id: u64) -> Result<u32, Error> {
        Ok(self.world().run())
    }
}

struct Visa(World);
struct Amex(World);
/// Has the scope of `Visa`, by mistake.
struct Copied(World);

impl Provider for Visa {
    const SCOPE: &'static str = "tests.visa";

    fn world(&self) -> &World {
        &self.0
    }
}

impl Provider for Amex {
    const SCOPE: &'static str = "tests.amex";

    fn world(&self) -> &World {
        &self.0
    }
}

impl Provider for Copied {
    const SCOPE: &'static str = Visa::SCOPE;

    fn world(&self) -> &World {
        &self.0
    }
}

#[tokio::test]
async fn instances_of_a_default_method_do_not_share_keys() {
    let world = World::new();
    let (visa, amex) = (Visa(world.clone()), Amex(world.clone()));

    assert_eq!(visa.charge_in_one_scope(1).await.unwrap(), 1);
    let error = amex.charge_in_one_scope(1).await.unwrap_err();
    assert!(error.is_misuse(), "{error}");
    assert!(error.to_string().contains("Visa") && error.to_string().contains("Amex"), "{error}");
    assert_eq!(visa.charge_in_one_scope(1).await.unwrap(), 1, "the first instance goes on");

    assert_eq!(visa.charge_in_a_scope_of_its_own(1).await.unwrap(), 2);
    assert_eq!(amex.charge_in_a_scope_of_its_own(1).await.unwrap(), 3);
    let error = Copied(world.clone()).charge_in_a_scope_of_its_own(1).await.unwrap_err();
    assert!(error.is_misuse() && error.to_string().contains("Copied"), "{error}");

    assert_eq!(visa.charge_in_a_shared_scope(1).await.unwrap(), 4);
    assert_eq!(amex.charge_in_a_shared_scope(1).await.unwrap(), 4);
}

#[tokio::test]
async fn instances_of_a_generic_type_do_not_share_keys() {
    struct Service<'a, P>(&'a World, P);

    impl<P: Sync> Service<'_, P> {
        #[idempotent(store = self.0.idem, scope = "tests.generic_type", key = id)]
        async fn charge(&self, id: u64) -> Result<u32, Error> {
            let _ = &self.1;
            Ok(self.0.run())
        }

        #[idempotent(store = world.idem, scope = "tests.generic_type_without_self", key = id)]
        async fn charge_for(world: &World, id: u64) -> Result<u32, Error> {
            Ok(world.run())
        }
    }

    let world = World::new();
    assert_eq!(Service(&world, "visa").charge(1).await.unwrap(), 1);
    let another = World::new();
    assert_eq!(Service(&another, "visa").charge(1).await.unwrap(), 1, "a lifetime makes no instances");
    assert!(Service(&world, 'a').charge(1).await.unwrap_err().is_misuse());

    assert_eq!(Service::<u8>::charge_for(&world, 1).await.unwrap(), 2);
    assert!(Service::<u16>::charge_for(&world, 1).await.unwrap_err().is_misuse());
}

#[tokio::test]
async fn instances_of_a_generic_function_are_one_operation_or_have_names() {
    #[idempotent(store = world.idem, scope = format!("tests.pay.{}", P::SCOPE), key = id)]
    async fn pay<P: Provider>(world: &World, id: u64) -> Result<u32, Error> {
        Ok(world.run())
    }

    #[idempotent(store = world.idem, scope = shared("tests.pay_any"), key = id.as_ref())]
    async fn pay_any(world: &World, id: impl AsRef<str>) -> Result<u32, Error> {
        Ok(world.run())
    }

    let world = World::new();
    assert_eq!(pay::<Visa>(&world, 1).await.unwrap(), 1);
    assert_eq!(pay::<Amex>(&world, 1).await.unwrap(), 2);
    assert_eq!(pay::<Visa>(&world, 1).await.unwrap(), 1);
    assert_eq!(pay_any(&world, "order").await.unwrap(), 3);
    assert_eq!(pay_any(&world, "order".to_owned()).await.unwrap(), 3);
}

#[tokio::test]
async fn an_expression_that_is_no_scope_is_refused_before_anything_runs() {
    #[idempotent(store = world.idem, scope = name, key = id)]
    async fn named(world: &World, name: String, id: u64) -> Result<u32, Error> {
        Ok(world.run())
    }

    let world = World::new();
    for name in [String::new(), "x".repeat(201), "a\nb".to_owned()] {
        assert!(named(&world, name, 1).await.unwrap_err().is_misuse());
    }
    assert_eq!(world.runs(), 0);
    assert_eq!(named(&world, "tests.named".to_owned(), 1).await.unwrap(), 1);
}

#[tokio::test]
async fn event_and_inner_function_both_idempotent() {
    #[idempotent(store = world.idem, scope = "tests.handle", key = id)]
    async fn handle(world: &World, id: u64, fails: bool) -> Result<(u32, u32), PayError> {
        let charged = charge_inside(world, id).await?;
        let run = world.run();
        if fails { Err(PayError::Unreachable(run)) } else { Ok((charged, run)) }
    }

    #[idempotent(store = world.idem, scope = "tests.charge_inside", key = id)]
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
