//! How keys see the arguments of a function.

use std::sync::Mutex;

use idem::{Error, idempotent};

use super::{PayError, Receipt, World};

#[tokio::test]
async fn arbitrary_args_preserved() {
    #[idempotent(store = world.idem, scope = "tests.charge_with", key = (&name, id))]
    async fn charge_with(
        world: &World,
        id: u64,
        name: String,
        (left, [right, ..]): (u8, [u8; 3]),
        Receipt { id: inner, .. }: Receipt,
        _: bool,
        mut amounts: Vec<u32>,
    ) -> Result<(u64, String, u8, u8, u64, Vec<u32>, u32), Error> {
        amounts.push(9);
        Ok((id, name, left, right, inner, amounts, world.run()))
    }

    let world = World::new();
    let receipt = Receipt { id: 5, run: 0 };
    let call = async |id, left| {
        charge_with(&world, id, "a".into(), (left, [3, 4, 5]), receipt.clone(), true, vec![7]).await.unwrap()
    };
    let first = call(1, 2).await;
    assert_eq!(first, (1, "a".into(), 2, 3, 5, vec![7, 9], 1));
    assert_eq!(call(1, 200).await, first, "only the key tells calls apart");
    assert_eq!(call(2, 200).await.2, 200);
    assert_eq!(world.runs(), 2);
}

#[tokio::test]
async fn parts_of_a_key_may_stand_behind_a_reference() {
    struct Order {
        merchant: String,
        number: (u64, String),
    }

    #[idempotent(store = world.idem, scope = "tests.charge_order", key = (order.merchant, (order.number.0, order.number.1)), fingerprint = (order.merchant, order.number))]
    async fn charge_order(world: &World, order: &Order) -> Result<u32, Error> {
        Ok(world.run())
    }

    let world = World::new();
    let order = Order { merchant: "acme".into(), number: (1, "b".into()) };
    assert_eq!(charge_order(&world, &order).await.unwrap(), 1);
    assert_eq!(charge_order(&world, &order).await.unwrap(), 1);
    let other = Order { merchant: "acme".into(), number: (1, "c".into()) };
    assert_eq!(charge_order(&world, &other).await.unwrap(), 2);
}

#[tokio::test]
async fn key_args_evaluated_once_before_body() {
    #[idempotent(store = world.idem, scope = "tests.charge_guarded", key = { events.lock().unwrap().push("key"); id })]
    async fn charge_guarded(world: &World, events: &Mutex<Vec<&'static str>>, id: u64) -> Result<u32, Error> {
        events.lock().unwrap().push("body");
        Ok(world.run())
    }

    let world = World::new();
    let events = Mutex::default();
    charge_guarded(&world, &events, 1).await.unwrap();
    assert_eq!(*events.lock().unwrap(), ["key", "body"]);
    charge_guarded(&world, &events, 1).await.unwrap();
    assert_eq!(*events.lock().unwrap(), ["key", "body", "key"]);
}

#[tokio::test]
async fn error_in_key_expression() {
    #[idempotent(store = world.idem, scope = "tests.charge_some", key = id.ok_or(PayError::Declined(0))?)]
    async fn charge_some(world: &World, id: Option<u64>) -> Result<u32, PayError> {
        Ok(world.run())
    }

    let world = World::new();
    assert_eq!(charge_some(&world, None).await, Err(PayError::Declined(0)));
    assert_eq!(world.runs(), 0);
    assert_eq!(charge_some(&world, Some(1)).await, Ok(1));
}

#[tokio::test]
async fn input_mutated_by_body() {
    #[idempotent(store = world.idem, scope = "tests.charge_and_change", key = names[0], fingerprint = (id, names))]
    async fn charge_and_change(world: &World, mut id: u64, names: &mut Vec<String>) -> Result<(u64, u32), Error> {
        names[0] = "other".into();
        id += 1;
        Ok((id, world.run()))
    }

    let world = World::new();
    let mut names = vec!["ada".to_owned()];
    assert_eq!(charge_and_change(&world, 1, &mut names).await.unwrap(), (2, 1));
    assert_eq!(names, ["other"]);
    assert_eq!(
        charge_and_change(&world, 1, &mut vec!["ada".to_owned()]).await.unwrap(),
        (2, 1),
        "under the key that it claimed"
    );
    assert_eq!(charge_and_change(&world, 1, &mut names).await.unwrap(), (2, 2), "not under what the body made of it");
}
