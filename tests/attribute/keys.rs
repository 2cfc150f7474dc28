//! Keys of types that derive them: two values share a key exactly if they are one value.

use idem::{Error, IntoKey, Key, Scope, idempotent};
use proptest::prelude::*;

use super::World;

#[derive(Debug, Clone, PartialEq, IntoKey)]
struct OrderId(u64);

#[derive(Debug, Clone, PartialEq, IntoKey)]
struct Pair<A, B>(A, B);

#[derive(Debug, Clone, PartialEq, IntoKey)]
struct Line {
    merchant: String,
    order: OrderId,
    r#type: Kind,
}

#[derive(Debug, Clone, PartialEq, IntoKey)]
enum Kind {
    Plain,
    Named(String),
    Numbered { number: u32 },
    Two(u32, u32),
}

#[derive(IntoKey)]
struct Borrowed<'a, T: ?Sized, const N: usize> {
    name: &'a T,
    bytes: [u8; N],
}

fn text<K: IntoKey + ?Sized>(key: &K) -> String {
    Key::new(Scope::from_static("tests"), key).expect("a key").text().to_owned()
}

#[test]
fn a_derived_key_reads_like_the_tuple_of_its_fields() {
    assert_eq!(text(&OrderId(17)), text(&17));
    assert_eq!(text(&Pair(1, 23)), text(&(1, 23)));
    assert_ne!(text(&Pair(1, 23)), text(&Pair(12, 3)));
    let line = Line { merchant: "acme".to_owned(), order: OrderId(17), r#type: Kind::Plain };
    assert_eq!(text(&line), r#"("acme",17,"Plain")"#);
    assert_eq!(text(&Kind::Named("Plain".to_owned())), r#"("Named","Plain")"#);
    assert_eq!(text(&Borrowed { name: "a", bytes: [1, 2] }), r#"("a",x"0102")"#);
}

#[test]
fn an_empty_part_of_a_derived_key_is_refused() {
    let line = Line { merchant: String::new(), order: OrderId(17), r#type: Kind::Plain };
    assert!(Key::new(Scope::from_static("tests"), &line).is_err_and(|error| error.is_misuse()));
}

fn name() -> impl Strategy<Value = String> {
    prop::collection::vec(prop::sample::select(vec!['a', '"', ',', '(', ')', '1', '\\', 'N']), 1..4)
        .prop_map(|characters| characters.into_iter().collect())
}

fn kind() -> impl Strategy<Value = Kind> {
    prop_oneof![
        Just(Kind::Plain),
        name().prop_map(Kind::Named),
        (0..3_u32).prop_map(|number| Kind::Numbered { number }),
        (0..30_u32, 0..30_u32).prop_map(|(one, two)| Kind::Two(one, two)),
    ]
}

fn line() -> impl Strategy<Value = Line> {
    (name(), 0..300_u64, kind()).prop_map(|(merchant, order, r#type)| Line { merchant, order: OrderId(order), r#type })
}

proptest! {
    #[test]
    fn two_values_share_a_derived_key_only_if_they_are_equal(one in line(), two in line()) {
        prop_assert_eq!(text(&one) == text(&two), one == two);
        prop_assert_eq!(text(&one.r#type) == text(&two.r#type), one.r#type == two.r#type);
        let pairs = (Pair(&one.merchant, one.order.0), Pair(&two.merchant, two.order.0));
        prop_assert_eq!(text(&pairs.0) == text(&pairs.1), pairs.0 == pairs.1);
    }
}

#[tokio::test]
async fn the_key_of_a_call_may_be_a_derived_one() {
    #[idempotent(store = world.idem, scope = "tests.derived_key", key = line)]
    async fn charge(world: &World, line: &Line) -> Result<u32, Error> {
        Ok(world.run())
    }

    let world = World::new();
    let line = |order| Line { merchant: "acme".to_owned(), order: OrderId(order), r#type: Kind::Plain };
    assert_eq!(charge(&world, &line(1)).await.unwrap(), 1);
    assert_eq!(charge(&world, &line(2)).await.unwrap(), 2);
    assert_eq!(charge(&world, &line(1)).await.unwrap(), 1);
}
