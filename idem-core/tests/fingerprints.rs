//! Fingerprints: what is the same payload shares one, what differs anywhere does not, and none changes between releases.
//!
//! It is long because serde's data model is wide, and each of its kinds needs a case.

mod golden;

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use idem_core::{
    Abandoned, Admission, ClaimDecision, ClaimId, ClaimRequest, Codec, Fingerprint, Key, Outcome, OutcomeKind, Record,
    Scope, State, Timestamp, decision,
};
use proptest::prelude::*;
use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};

fn of<T: Serialize + ?Sized>(payload: &T) -> Fingerprint {
    Fingerprint::of(payload).expect("the payload has a fingerprint")
}

fn assert_all_differ(fingerprints: &[Fingerprint]) {
    for (index, fingerprint) in fingerprints.iter().enumerate() {
        assert!(!fingerprints[..index].contains(fingerprint), "payload {index} is the same as an earlier one");
    }
}

#[derive(Serialize)]
struct Order {
    id: u64,
    amount: i32,
    items: Vec<Item>,
}

#[derive(Serialize)]
struct Item {
    name: &'static str,
    price: Option<i32>,
}

fn order() -> Order {
    Order { id: 17, amount: 100, items: vec![Item { name: "tea", price: Some(60) }, Item { name: "cup", price: None }] }
}

#[test]
fn key_stable_across_field_order() {
    #[derive(Serialize)]
    struct Reordered {
        items: Vec<Item>,
        amount: i32,
        id: u64,
    }

    let Order { id, amount, items } = order();
    assert_eq!(of(&order()), of(&Reordered { items, amount, id }));

    let entries: Vec<_> = (0..100).map(|number| (format!("field {number}"), number)).collect();
    let sorted = of(&entries.iter().cloned().collect::<BTreeMap<_, _>>());
    for _ in 0..8 {
        // Each `HashMap` has an order of its own.
        assert_eq!(sorted, of(&entries.iter().cloned().collect::<HashMap<_, _>>()));
    }
    assert_eq!(of(&InThisOrder(&[("a", 1), ("b", 2), ("a", 3)])), of(&InThisOrder(&[("a", 3), ("a", 1), ("b", 2)])));
    assert_ne!(of(&InThisOrder(&[("a", 1), ("b", 2)])), of(&InThisOrder(&[("a", 2), ("b", 1)])));
}

/// A map as its `Serialize` writes it: in any order, and even with a key twice.
struct InThisOrder<'a>(&'a [(&'a str, u8)]);

impl Serialize for InThisOrder<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        self.0.iter().try_for_each(|(key, value)| map.serialize_entry(key, value))?;
        map.end()
    }
}

#[test]
fn the_order_of_a_sequence_matters() {
    assert_ne!(of(&[1, 2]), of(&[2, 1]));
}

#[test]
fn nested_field_tampering_detected() {
    let mut orders = vec![order(); 6];
    orders[1].items[0].price = Some(61);
    orders[2].items[1].price = Some(0);
    orders[3].items[1].name = "cap";
    orders[4].items.swap(0, 1);
    orders[5].items.pop();
    assert_all_differ(&orders.iter().map(of).collect::<Vec<_>>());
}

impl Clone for Order {
    fn clone(&self) -> Self {
        let items = self.items.iter().map(|item| Item { ..*item }).collect();
        Self { items, ..*self }
    }
}

#[test]
fn excluded_fields_ignored() {
    #[derive(Serialize)]
    struct Payment {
        amount: u32,
        #[serde(skip)]
        trace: u128,
        #[serde(skip_serializing_if = "Option::is_none")]
        note: Option<&'static str>,
    }

    let payment = |trace, note| Payment { amount: 100, trace, note };
    let (first, second) = (payment(1, None), payment(2, None));
    assert!(first.trace != second.trace && of(&first) == of(&second));
    assert_ne!(of(&first), of(&payment(1, Some("tea"))));

    // A tuple of the fields that count leaves out the others.
    let significant = |payment: &Payment| of(&(payment.amount, payment.note));
    assert_eq!(significant(&payment(1, None)), significant(&payment(2, None)));
    assert_ne!(significant(&payment(1, None)), significant(&Payment { amount: 101, trace: 1, note: None }));
}

#[test]
fn variants_of_an_enum_differ() {
    #[derive(Serialize)]
    enum Method {
        Cash,
        Coupon,
        Card(u64),
        Points(u64),
        Split(u64, u64),
        Bill { to: u64 },
        Loan { to: u64 },
    }

    let methods = [
        Method::Cash,
        Method::Coupon,
        Method::Card(1),
        Method::Points(1),
        Method::Split(1, 1),
        Method::Bill { to: 1 },
        Method::Loan { to: 1 },
        Method::Loan { to: 2 },
    ];
    assert_all_differ(&methods.map(|method| of(&method)));
    assert_ne!(of(&Method::Cash), of("Cash"));
}

#[test]
fn options_inside_options_differ() {
    assert_all_differ(&[
        of(&None::<Option<u8>>),
        of(&Some(None::<u8>)),
        of(&Some(Some(1_u8))),
        of(&Some(1_u8)),
        of(&1),
    ]);
}

#[test]
fn empty_is_neither_missing_nor_another_empty() {
    #[derive(Serialize)]
    struct Nothing {}

    assert_all_differ(&[
        of(""),
        of(&None::<u8>),
        of(&()),
        of(&[0_u8; 0]),
        of(&Nothing {}),
        of(&Bytes(b"")),
        of(&false),
        of(&0),
        of(&0.0),
        of(&'\0'),
        of("\0"),
        of(&[[0_u8; 0]]),
        of(&("", "")),
    ]);
    assert_eq!(of(&Nothing {}), of(&BTreeMap::<u8, u8>::new()));
    assert_ne!(of(&BTreeMap::from([("note", None::<u8>)])), of(&BTreeMap::<&str, Option<u8>>::new()));
}

struct Bytes(&'static [u8]);

impl Serialize for Bytes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(self.0)
    }
}

#[test]
fn parts_do_not_run_into_each_other() {
    assert_all_differ(&[
        of(&("ab", "c")),
        of(&("a", "bc")),
        of("abc"),
        of(&("abc",)),
        of(&("a", ("b", "c"))),
        of(&(("a", "b"), "c")),
        of(&("a", "b", "c")),
        of(&[["a", "b"], ["c", "d"]]),
        of(&["a", "b", "c", "d"]),
        of(&BTreeMap::from([("a", "b"), ("c", "d")])),
    ]);
}

#[test]
fn the_width_of_an_integer_does_not_matter() {
    for one in [of(&1_i8), of(&1_u8), of(&1_i16), of(&1_u32), of(&1_i64), of(&1_u64), of(&1_i128), of(&1_u128)] {
        assert_eq!(one, of(&1_u16));
    }
    let huge = u128::from(u64::MAX);
    assert_eq!(of(&u64::MAX), of(&huge));
    assert_all_differ(&[of(&-1_i8), of(&u8::MAX), of(&u64::MAX), of(&u128::MAX), of(&i128::MIN), of(&i128::MAX)]);
    assert_all_differ(&[of(&1), of("1"), of(&1.0), of(&true), of(&'1')]);
}

#[test]
fn floats_are_compared_by_their_bits() {
    assert_ne!(of(&0.0), of(&-0.0));
    assert_ne!(of(&0.3), of(&(0.1 + 0.2)));
    assert_eq!(of(&f64::NAN), of(&f64::NAN));
    assert_all_differ(&[of(&f64::NAN), of(&-f64::NAN), of(&f64::INFINITY), of(&f64::NEG_INFINITY), of(&f64::MAX)]);
    assert_eq!(of(&0.5_f32), of(&0.5_f64));
    assert_ne!(of(&0.1_f32), of(&0.1_f64));
}

#[test]
fn a_payload_that_fails_to_serialize_is_a_misuse() {
    struct Refuses;

    impl Serialize for Refuses {
        fn serialize<S: Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
            Err(serde::ser::Error::custom("no amount is set"))
        }
    }

    let error = Fingerprint::of(&vec![Refuses]).expect_err("it refuses");
    assert!(error.is_misuse());
    assert!(error.to_string().contains("no amount is set"), "{error}");
}

/// A payload as it was, as it is after a deploy, and after another.
mod deploys {
    use serde::Serialize;

    #[derive(Serialize)]
    pub(super) struct Before {
        pub(super) amount: u64,
    }

    #[derive(Serialize)]
    pub(super) struct After {
        pub(super) amount: u64,
        pub(super) owner: Option<&'static str>,
    }

    #[derive(Serialize)]
    pub(super) enum Method {
        Card { amount: u64, owner: Option<&'static str> },
    }

    #[derive(Serialize)]
    pub(super) enum MethodBefore {
        Card { amount: u64 },
    }
}

/// Whether a call whose record has the fingerprint `found` is replayed to one that asks with `asked`.
fn is_replayed(found: Fingerprint, asked: Fingerprint) -> bool {
    let now = Timestamp::from_micros(1_000_000);
    let request = request(Some(found));
    let ClaimDecision::Acquired(claim) = decision::decide_claim(None, now, &request) else { panic!("it is free") };
    let outcome = Outcome { kind: OutcomeKind::Value, codec: Codec::Json, version: 1, text: "1".into() };
    let record = Record::claimed(&request, &claim, now, None).finished(outcome, Duration::from_mins(1), now);
    let again = ClaimRequest { claim_id: ClaimId::random(), fingerprint: Some(asked), ..request };
    match decision::decide_claim(Some(&record), now, &again) {
        ClaimDecision::Replay(_) => true,
        ClaimDecision::Mismatch => false,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_field_that_is_none_is_as_one_that_is_not_there() {
    use deploys::{After, Before, Method, MethodBefore};

    let before = of(&Before { amount: 100 });
    let after = of(&After { amount: 100, owner: None });
    assert!(is_replayed(before, after), "an identical retry after the deploy");
    assert!(is_replayed(after, before), "and one that an old process gets");
    assert!(is_replayed(after, after));
    assert!(!is_replayed(before, of(&After { amount: 101, owner: None })));
    assert!(!is_replayed(before, of(&After { amount: 100, owner: Some("a") })));
    assert!(!is_replayed(after, of(&After { amount: 100, owner: Some("a") })));
    let nested = (of(&[(1, Before { amount: 1 })]), of(&[(1, After { amount: 1, owner: None })]));
    assert!(is_replayed(nested.0, nested.1));
    let variants = (of(&MethodBefore::Card { amount: 1 }), of(&Method::Card { amount: 1, owner: None }));
    assert!(is_replayed(variants.0, variants.1));
}

#[test]
fn none_counts_where_it_is_no_field() {
    #[derive(Serialize)]
    struct Patch {
        #[expect(clippy::option_option, reason = "it is how a payload tells `null` from nothing")]
        owner: Option<Option<u8>>,
    }

    assert_ne!(of(&(1, None::<u8>)), of(&(1,)));
    assert_ne!(of(&[None, Some(1)]), of(&[Some(1)]));
    assert_ne!(of(&BTreeMap::from([("owner", None::<u8>)])), of(&BTreeMap::<&str, u8>::new()));
    assert_ne!(of(&Patch { owner: Some(None) }), of(&Patch { owner: None }), "clear it, and leave it as it is");
}

#[test]
fn records_of_the_first_version_are_still_compared() {
    // Of `order()`, as version 1 wrote it.
    let stored = |digest| Fingerprint::from_stored_text(1, digest).expect("a digest");
    let found = stored("a04181b7a208b98e6cf27676b15dc12b24712bdf760cfe43af96e021747c6d1c");
    assert!(is_replayed(found, of(&order())));
    assert!(!is_replayed(found, of(&Order { id: 18, ..order() })));
    assert!(!is_replayed(found, of(&Order { items: Vec::new(), ..order() })));
    // What has no such field is the same in both.
    assert_eq!(of(&deploys::Before { amount: 1 }).version(), 1);
    assert_eq!(of(&order()).version(), Fingerprint::VERSION);
}

fn request(fingerprint: Option<Fingerprint>) -> ClaimRequest {
    ClaimRequest {
        key: Key::new(Scope::from_static("tests.fingerprints"), &1).expect("a key"),
        claim_id: ClaimId::random(),
        fingerprint,
        lease: Duration::from_secs(1),
        retention: Duration::from_mins(1),
        abandoned: Abandoned::Rerun,
        max_attempts: None,
        admission: Admission::Open,
    }
}

#[test]
fn fingerprint_algorithm_upgrade() {
    let today = of(&order());
    let tomorrow = Fingerprint::from_stored(Fingerprint::VERSION + 1, *today.digest());
    let now = Timestamp::from_micros(1_000_000);
    let request = request(Some(today));
    let ClaimDecision::Acquired(claim) = decision::decide_claim(None, now, &request) else {
        panic!("a key without a record is free")
    };
    let outcome = Outcome { kind: OutcomeKind::Value, codec: Codec::Json, version: 1, text: "1".into() };
    let running = Record::claimed(&request, &claim, now, None);
    let finished = running.clone().finished(outcome.clone(), Duration::from_mins(1), now);
    assert!(matches!(finished.state, State::Finished(_)));

    let retry = |fingerprint| ClaimRequest { claim_id: ClaimId::random(), fingerprint, ..request.clone() };
    let decide = |record: &Record, fingerprint| decision::decide_claim(Some(record), now, &retry(fingerprint));
    assert_eq!(decide(&finished, Some(today)), ClaimDecision::Replay(outcome));
    assert_eq!(decide(&finished, Some(tomorrow)), ClaimDecision::Mismatch);
    assert_eq!(decide(&running, Some(tomorrow)), ClaimDecision::Mismatch);
}

#[test]
fn hash_output_pinned_by_golden_vectors() {
    #[derive(Serialize)]
    enum Method {
        Cash,
        Card(u64),
        Split(u64, u64),
        Bill { to: u64 },
    }

    let vectors = [
        ("unit", of(&())),
        ("none", of(&None::<u8>)),
        ("some none", of(&Some(None::<u8>))),
        ("some 1", of(&Some(1))),
        ("bool true", of(&true)),
        ("u8 1", of(&1_u8)),
        ("i128 min", of(&i128::MIN)),
        ("u128 max", of(&u128::MAX)),
        ("f32 0.5", of(&0.5_f32)),
        ("f64 -0.0", of(&-0.0_f64)),
        ("f64 0.1 + 0.2", of(&(0.1 + 0.2))),
        ("char crab", of(&'🦀')),
        ("str empty", of("")),
        ("str NUL and a crab", of("\0🦀")),
        ("bytes 00 ff", of(&Bytes(b"\x00\xff"))),
        ("seq empty", of(&[0_u8; 0])),
        ("tuple of 1 and a", of(&(1, "a"))),
        ("map with keys of two types in no order", of(&BTreeMap::from([(Some(2), "b"), (None, "a"), (Some(1), "c")]))),
        ("enum unit", of(&Method::Cash)),
        ("enum newtype", of(&Method::Card(1))),
        ("enum tuple", of(&Method::Split(1, 2))),
        ("enum struct", of(&Method::Bill { to: 1 })),
        ("struct nested", of(&Order { items: vec![Item { name: "tea", price: Some(60) }], ..order() })),
        ("struct nested with a field that is none", of(&order())),
    ];
    let vectors = vectors.map(|(description, fingerprint)| (description, stored(fingerprint)));
    golden::check("fingerprints.txt", &vectors, &[]);
}

/// The version and the digest, which is what a store keeps.
fn stored(fingerprint: Fingerprint) -> String {
    let (version, digest) = (fingerprint.version(), fingerprint.digest_text());
    assert_eq!(Fingerprint::from_stored_text(version, &digest), Some(fingerprint));
    assert_eq!(Fingerprint::from_stored_text(version, &digest[1..]), None);
    assert_eq!(Fingerprint::from_stored_text(version, &digest.to_uppercase()), None);
    format!("v{version}:{digest}")
}

/// All that serde's data model distinguishes and a fingerprint does not take for the same on purpose.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Value {
    Unit,
    None,
    Some(Box<Value>),
    Bool(bool),
    Integer(i128),
    /// By its bits, since these are what is compared.
    Float(u64),
    Char(char),
    Text(String),
    Bytes(Vec<u8>),
    Sequence(Vec<Value>),
    Map(BTreeMap<Value, Value>),
    UnitVariant(Name),
    NewtypeVariant(Name, Box<Value>),
    TupleVariant(Name, Vec<Value>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Name(&'static str);

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Unit => serializer.serialize_unit(),
            Self::None => serializer.serialize_none(),
            Self::Some(value) => serializer.serialize_some(value),
            Self::Bool(value) => serializer.serialize_bool(*value),
            Self::Integer(value) => serializer.serialize_i128(*value),
            Self::Float(bits) => serializer.serialize_f64(f64::from_bits(*bits)),
            Self::Char(value) => serializer.serialize_char(*value),
            Self::Text(value) => serializer.serialize_str(value),
            Self::Bytes(value) => serializer.serialize_bytes(value),
            Self::Sequence(values) => values.serialize(serializer),
            Self::Map(entries) => serializer.collect_map(entries),
            Self::UnitVariant(name) => serializer.serialize_unit_variant("Enum", 0, name.0),
            Self::NewtypeVariant(name, value) => serializer.serialize_newtype_variant("Enum", 0, name.0, value),
            Self::TupleVariant(name, values) => {
                let mut variant = serializer.serialize_tuple_variant("Enum", 0, name.0, values.len())?;
                for value in values {
                    serde::ser::SerializeTupleVariant::serialize_field(&mut variant, value)?;
                }
                serde::ser::SerializeTupleVariant::end(variant)
            }
        }
    }
}

impl Value {
    /// What serde cannot tell apart within one type: a variant of one unit, or of one sequence, has the encoding of a
    /// variant that is one. No enum has both under one name.
    fn plain(self) -> Self {
        match self {
            Self::UnitVariant(name) => Self::NewtypeVariant(name, Box::new(Self::Unit)),
            Self::TupleVariant(name, values) => Self::NewtypeVariant(name, Box::new(Self::Sequence(values).plain())),
            Self::NewtypeVariant(name, value) => Self::NewtypeVariant(name, Box::new(value.plain())),
            Self::Some(value) => Self::Some(Box::new(value.plain())),
            Self::Sequence(values) => Self::Sequence(values.into_iter().map(Self::plain).collect()),
            Self::Map(entries) => {
                Self::Map(entries.into_iter().map(|(key, value)| (key.plain(), value.plain())).collect())
            }
            other => other,
        }
    }
}

/// Values of few different parts, so that two of them are often nearly the same.
fn value() -> impl Strategy<Value = Value> {
    let name = || prop::sample::select(vec![Name("a"), Name("b"), Name("ab"), Name(".")]);
    let part = prop_oneof![
        Just(Value::Unit),
        Just(Value::None),
        any::<bool>().prop_map(Value::Bool),
        prop_oneof![-1..3_i128, any::<i128>()].prop_map(Value::Integer),
        prop_oneof![0..2_u64, any::<u64>()].prop_map(Value::Float),
        prop::sample::select(vec!['a', '.', '[', '\0']).prop_map(Value::Char),
        "[a.\\[{s]{0,3}".prop_map(Value::Text),
        prop::collection::vec(0..2_u8, 0..3).prop_map(Value::Bytes),
        name().prop_map(Value::UnitVariant),
    ];
    part.prop_recursive(3, 12, 3, move |part| {
        prop_oneof![
            part.clone().prop_map(|value| Value::Some(Box::new(value))),
            prop::collection::vec(part.clone(), 0..3).prop_map(Value::Sequence),
            prop::collection::btree_map(part.clone(), part.clone(), 0..3).prop_map(Value::Map),
            (name(), part.clone()).prop_map(|(name, value)| Value::NewtypeVariant(name, Box::new(value))),
            (name(), prop::collection::vec(part, 0..3)).prop_map(|(name, values)| Value::TupleVariant(name, values)),
        ]
    })
    .prop_map(Value::plain)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn two_payloads_are_equal_exactly_if_their_fingerprints_are(values in prop::collection::vec(value(), 2..60)) {
        for (index, one) in values.iter().enumerate() {
            for other in &values[index..] {
                prop_assert_eq!(one == other, of(one) == of(other), "{:?} and {:?}", one, other);
            }
        }
    }

    #[test]
    fn the_order_of_entries_never_matters(entries in prop::collection::vec(("[ab]{0,3}", 0..3_u8), 0..8), turn in 0..8_usize) {
        let entries: Vec<_> = entries.iter().map(|(key, value)| (key.as_str(), *value)).collect();
        let mut turned = entries.clone();
        turned.rotate_left(turn.min(entries.len()));
        prop_assert_eq!(of(&InThisOrder(&entries)), of(&InThisOrder(&turned)));
    }
}
