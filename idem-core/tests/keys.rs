//! Keys: two values share a text exactly if they are one key, and the text never changes between releases.
//!
//! It is long because it reads every text back: the reader is the proof that no two values share one.

mod golden;

use std::rc::Rc;
use std::sync::Arc;

use idem_core::{IntoKey, Key, KeyWriter, MAX_KEY_BYTES, MAX_SCOPE_BYTES, Scope};
use proptest::prelude::*;

const SCOPE: Scope = Scope::from_static("tests.keys");

fn text<K: IntoKey + ?Sized>(key: &K) -> String {
    Key::new(SCOPE, key).expect("the value is a key").text().to_owned()
}

fn is_refused<K: IntoKey + ?Sized>(key: &K) -> bool {
    Key::new(SCOPE, key).is_err_and(|error| error.is_misuse())
}

#[test]
fn key_components_unambiguous() {
    let keys = [
        text(&("a", "bc")),
        text(&("ab", "c")),
        text("abc"),
        text(&("abc",)),
        text(&(("a", "bc"),)),
        text(&("a", "b", "c")),
        text(&("a", ("b", "c"))),
        text(&(("a", "b"), "c")),
        text("a\",\"bc"),
        text(&("a\",\"bc",)),
        text("(\"a\",\"bc\")"),
        text(&("t-1", "g")),
        text(&("t", "1-g")),
        text(&("t", "-1", "g")),
    ];
    for (index, key) in keys.iter().enumerate() {
        assert!(!keys[..index].contains(key), "{key} is the text of two values");
    }
}

/// Writes its parts without a group.
struct Loose<'a>(&'a [&'a dyn IntoKey]);

impl IntoKey for Loose<'_> {
    fn write_key(&self, key: &mut KeyWriter) {
        self.0.iter().for_each(|part| part.write_key(key));
    }
}

#[test]
fn parts_that_follow_one_another_without_a_group_are_refused() {
    let pairs: [[&dyn IntoKey; 2]; 5] = [[&1, &23], [&12, &3], [&"a", &"b"], [&(1, 2), &3], [&[0_u8], &1]];
    for parts in pairs.iter().map(|pair| &pair[..]) {
        let loose = Loose(parts);
        assert!(is_refused(&loose), "at the top");
        assert!(is_refused(&&loose), "behind a reference");
        assert!(is_refused(&(1, loose)), "as a part");
        assert!(is_refused(&((Loose(parts), 1), 2)), "as a part of a part");
        assert!(is_refused(&Loose(&[&Loose(parts)])), "inside another");
    }
    assert_eq!(text(&Loose(&[&123])), "123");
    assert_eq!(text(&(Loose(&[&123]), "a")), r#"(123,"a")"#);
}

#[test]
fn a_value_that_writes_nothing_is_refused() {
    struct NoParts;

    impl IntoKey for NoParts {
        fn write_key(&self, key: &mut KeyWriter) {
            key.group(&[]);
        }
    }

    for nothing in [Loose(&[]), Loose(&[&Loose(&[])])] {
        assert!(is_refused(&nothing));
        assert!(is_refused(&(1, nothing)));
    }
    assert!(is_refused(&NoParts));
}

#[test]
fn a_writer_and_a_key_show_nothing_of_their_text() {
    struct Seen;
    impl IntoKey for Seen {
        fn write_key(&self, key: &mut KeyWriter) {
            key.string("4111 1111");
            assert!(!format!("{key:?} {key:#?}").contains("4111"));
        }
    }
    let key = Key::new(SCOPE, &Seen).expect("a key");
    assert!(!format!("{key:?} {key:#?}").contains("4111"));
}

#[test]
fn type_tag_distinguishes_1_and_string_1() {
    assert_ne!(text(&1), text("1"));
    assert_ne!(text(&1), text(&(1,)));
    assert_ne!(text(&1), text(&[1_u8]));
    assert_ne!(text(&true), text("true"));
    assert_ne!(text(&true), text(&1));
    assert_ne!(text("00ff"), text(&[0x00_u8, 0xff]));
    assert_ne!(text("x\"00\""), text(&[0_u8]));
}

#[test]
fn the_width_of_an_integer_does_not_matter() {
    let one = text(&1_u8);
    for other in [text(&1_i8), text(&1_u16), text(&1_i64), text(&1_usize), text(&1_isize), text(&1_i128), text(&1_u128)]
    {
        assert_eq!(one, other);
    }
    assert_ne!(text(&u64::MAX), text(&-1_i64));
}

#[test]
fn a_reference_or_a_box_is_the_key_of_its_value() {
    let value = "order".to_owned();
    for other in [
        text(&&value),
        text(&Box::new(value.clone())),
        text(&Arc::<str>::from("order")),
        text(&Rc::new(value.clone())),
        text(&std::borrow::Cow::Borrowed("order")),
    ] {
        assert_eq!(text("order"), other);
    }
    assert_eq!(text(&[1_u8, 2]), text(&vec![1_u8, 2]));
    assert_eq!(text(&[1_u8, 2]), text(&[1_u8, 2][..]));
}

#[test]
fn two_scopes_never_share_a_key() {
    let other = Key::new(Scope::from_static("tests.other"), &1).expect("a key");
    assert_ne!(Key::new(SCOPE, &1).expect("a key"), other);
}

#[test]
fn empty_string_key_rejected() {
    struct Nothing;

    impl IntoKey for Nothing {
        fn write_key(&self, _key: &mut KeyWriter) {}
    }

    assert!(is_refused(""));
    assert!(is_refused(&String::new()));
    assert!(is_refused(&("acme", "")));
    assert!(is_refused(&("acme", ("", 1))));
    assert!(is_refused(&Vec::<u8>::new()));
    assert!(is_refused(&(1, [0_u8; 0])));
    assert!(is_refused(&Nothing));
}

#[test]
fn falsy_but_present_key_ok() {
    let keys = [text(&0), text(&false), text(" "), text("0"), text("\0"), text(&'\0'), text(&[0_u8])];
    assert_eq!(keys, ["0", "false", "\" \"", "\"0\"", r#""\u{0}""#, r#""\u{0}""#, "x\"00\""]);
}

#[test]
fn very_long_key_hashed() {
    // The quotes count: the longest text that is stored as it is has two bytes less between them.
    let longest = "k".repeat(MAX_KEY_BYTES - 2);
    assert_eq!(text(&longest), format!("\"{longest}\""));
    let hashed = text(&format!("{longest}k"));
    assert_eq!(hashed.len(), 65);
    assert!(hashed.starts_with('#'), "{hashed}");
    assert_ne!(hashed, text(&format!("{longest}l")));
    assert_ne!(hashed, text(&hashed), "the string of a hash is not the key that was hashed");
    // Bytes count, and not characters.
    assert!(text(&"é".repeat(127)).starts_with('#'));
}

#[test]
fn key_case_and_trailing_space_significant() {
    let keys = [text("order"), text("Order"), text("order "), text(" order"), text("order\t"), text("order\0")];
    for (index, key) in keys.iter().enumerate() {
        assert!(!keys[..index].contains(key), "{key} is the text of two values");
    }
}

#[test]
fn unicode_normalisation_not_applied() {
    assert_ne!(text("caf\u{e9}"), text("cafe\u{301}"));
    assert_ne!(text("\u{212b}"), text("\u{c5}"));
    assert_ne!(text("ß"), text("ss"));
}

#[test]
fn injection_chars_in_key() {
    assert_eq!(text("'; DROP TABLE idem; --"), r#""'; DROP TABLE idem; --""#);
    assert_eq!(text("a:b{c}*%_?$1"), r#""a:b{c}*%_?$1""#);
    assert_eq!(text("\"\\"), r#""\"\\""#);
    assert_eq!(text("\0\n\u{7f}"), r#""\u{0}\u{a}\u{7f}""#);
    // The text of an escape is not the character that it stands for.
    assert_ne!(text("\\u{0}"), text("\0"));
}

#[test]
fn every_control_character_is_escaped() {
    for control in (0..=0x9f).filter_map(char::from_u32).filter(|character| character.is_control()) {
        let text = text(&control);
        assert!(!text.chars().any(char::is_control), "U+{:04X} stands in the text as it is", u32::from(control));
    }
}

#[test]
fn a_key_shows_only_its_scope() {
    let key = Key::new(SCOPE, "4111 1111 1111 1111").expect("a key");
    assert!(!format!("{key:?}").contains("4111"));
}

#[cfg(all(feature = "uuid", feature = "chrono", feature = "rust_decimal"))]
#[test]
fn key_from_uuid_datetime_decimal() {
    let uuid = foreign::uuid();
    assert_ne!(text(&uuid), text(&uuid.to_string()));
    assert_ne!(text(&uuid), text(uuid.as_bytes()));

    let (utc, tokyo) = foreign::one_instant_in_two_zones();
    assert_eq!(text(&utc), text(&tokyo));
    assert_ne!(text(&utc), text(&format!("{utc:?}")));
    assert_ne!(text(&utc), text(&(utc + std::time::Duration::from_nanos(1))));

    let decimal = |text: &str| text.parse::<rust_decimal::Decimal>().expect("a decimal");
    assert_eq!(text(&decimal("1.50")), text(&decimal("1.5")));
    assert_eq!(text(&decimal("-0.0")), text(&decimal("0")));
    assert_ne!(text(&decimal("1")), text(&1));
    assert_ne!(text(&decimal("1.5")), text("1.5"));
    assert_ne!(text(&decimal("15")), text(&decimal("1.5")));
    assert_ne!(text(&decimal("10")), text(&decimal("1")));
}

#[test]
fn hash_output_pinned_by_golden_vectors() {
    let own = [
        ("str order-17", text("order-17")),
        ("str of a quote and a backslash", text("\"\\")),
        ("str of NUL, tab, newline, escape and delete", text("\0\t\n\u{1b}\u{7f}")),
        ("str NFC é", text("\u{e9}")),
        ("str NFD é", text("e\u{301}")),
        ("str of a crab and a family", text("🦀👨‍👩‍👧")),
        ("str of 253 k, the longest as it is", text(&"k".repeat(253))),
        ("str of 254 k, hashed", text(&"k".repeat(254))),
        ("str of 254 NUL, hashed", text(&"\0".repeat(254))),
        ("char é", text(&'é')),
        ("bool false", text(&false)),
        ("u8 0", text(&0_u8)),
        ("i8 -128", text(&i8::MIN)),
        ("u64 max", text(&u64::MAX)),
        ("i128 min", text(&i128::MIN)),
        ("u128 max", text(&u128::MAX)),
        ("bytes 00 ff", text(&[0x00_u8, 0xff])),
        ("bytes 200 of 07, hashed", text(&[7_u8; 200])),
        ("tuple of one", text(&(17,))),
        ("tuple acme, 17", text(&("acme", 17))),
        ("tuple nested", text(&("acme", (1, ("x", false)), [1_u8]))),
        ("tuple of eight", text(&(1, 2, 3, 4, 5, 6, 7, "8"))),
        ("tuple of two long strings, hashed", text(&("a".repeat(200), "b".repeat(200)))),
    ];
    let features = [
        ("uuid", cfg!(feature = "uuid")),
        ("chrono", cfg!(feature = "chrono")),
        ("rust_decimal", cfg!(feature = "rust_decimal")),
    ];
    let absent: Vec<_> = features.iter().filter(|(_, on)| !on).map(|(feature, _)| *feature).collect();
    let vectors: Vec<_> = own.into_iter().chain(foreign::vectors()).collect();
    golden::check("keys.txt", &vectors, &absent);
}

mod foreign {
    /// The golden vectors of the features that are on.
    pub(super) fn vectors() -> Vec<(&'static str, String)> {
        let vectors: &[Vec<_>] = &[
            #[cfg(feature = "uuid")]
            vec![("uuid", super::text(&uuid()))],
            #[cfg(feature = "chrono")]
            instants().map(|(description, instant)| (description, super::text(&instant))).to_vec(),
            #[cfg(feature = "chrono")]
            vec![("chrono a date", super::text(&instants()[0].1.date_naive()))],
            #[cfg(feature = "rust_decimal")]
            decimals().map(|(description, decimal)| (description, super::text(&decimal))).to_vec(),
        ];
        vectors.concat()
    }

    #[cfg(feature = "rust_decimal")]
    fn decimals() -> [(&'static str, rust_decimal::Decimal); 3] {
        let decimal = |text: &str| text.parse().expect("a decimal");
        [
            ("rust_decimal 1.50", decimal("1.50")),
            ("rust_decimal -17", decimal("-17")),
            ("rust_decimal 0.0", decimal("0.0")),
        ]
    }

    #[cfg(feature = "uuid")]
    pub(super) fn uuid() -> uuid::Uuid {
        uuid::Uuid::from_u128(0x67e5_5044_10b1_426f_9247_bb68_0e5f_e0c8)
    }

    #[cfg(feature = "chrono")]
    pub(super) fn instants() -> [(&'static str, chrono::DateTime<chrono::Utc>); 4] {
        let at = |seconds, nanos| chrono::DateTime::from_timestamp(seconds, nanos).expect("an instant");
        [
            ("chrono whole seconds", at(1_795_255_200, 0)),
            ("chrono milliseconds", at(1_795_255_200, 120_000_000)),
            ("chrono nanoseconds", at(1_795_255_200, 1)),
            ("chrono before the epoch", at(-1, 0)),
        ]
    }

    #[cfg(feature = "chrono")]
    pub(super) fn one_instant_in_two_zones() -> (chrono::DateTime<chrono::Utc>, chrono::DateTime<chrono::FixedOffset>) {
        let utc = instants()[1].1;
        (utc, utc.with_timezone(&chrono::FixedOffset::east_opt(9 * 3600).expect("an offset")))
    }
}

/// All that a key can be made of.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Value {
    Text(String),
    Bool(bool),
    Signed(i128),
    /// Above `i128::MAX`, so that a number has one form.
    Unsigned(u128),
    Bytes(Vec<u8>),
    Group(Vec<Value>),
}

impl IntoKey for Value {
    fn write_key(&self, key: &mut KeyWriter) {
        match self {
            Self::Text(value) => value.write_key(key),
            Self::Bool(value) => value.write_key(key),
            Self::Signed(value) => value.write_key(key),
            Self::Unsigned(value) => value.write_key(key),
            Self::Bytes(value) => value.write_key(key),
            Self::Group(parts) => {
                let parts: Vec<&dyn IntoKey> = parts.iter().map(|part| part as &dyn IntoKey).collect();
                key.group(&parts);
            }
        }
    }
}

/// Values of few different parts, so that two of them are often nearly the same.
fn value() -> impl Strategy<Value = Value> {
    let character = prop_oneof![
        8 => prop::sample::select(vec!['a', '"', '\\', ',', '(', ')', '1', 'u', '{', '}', 'x', '#', '\0', ' ', 'é', '🦀']),
        1 => any::<char>(),
    ];
    let part = prop_oneof![
        prop::collection::vec(character, 1..8).prop_map(|text| Value::Text(text.into_iter().collect())),
        any::<bool>().prop_map(Value::Bool),
        prop_oneof![-2..12_i128, any::<i128>()].prop_map(Value::Signed),
        (0..=i128::MAX.unsigned_abs()).prop_map(|less| Value::Unsigned(u128::MAX - less)),
        prop::collection::vec(prop_oneof![0..2_u8, any::<u8>()], 1..4).prop_map(Value::Bytes),
    ];
    part.prop_recursive(4, 24, 4, |part| prop::collection::vec(part, 1..4).prop_map(Value::Group))
}

/// Reads a value back from its text. That this can be done is why no two values share one.
fn read(text: &mut &str) -> Option<Value> {
    if let Some(rest) = text.strip_prefix("x\"") {
        let (digits, rest) = rest.split_once('"')?;
        *text = rest;
        let byte = |index| u8::from_str_radix(digits.get(index..index + 2)?, 16).ok();
        return (0..digits.len()).step_by(2).map(byte).collect::<Option<_>>().map(Value::Bytes);
    }
    if let Some(rest) = text.strip_prefix('"') {
        *text = rest;
        return read_string(text).map(Value::Text);
    }
    if let Some(rest) = text.strip_prefix('(') {
        *text = rest;
        return read_group(text).map(Value::Group);
    }
    let end = text.find([',', ')']).unwrap_or(text.len());
    let (literal, rest) = text.split_at(end);
    *text = rest;
    match literal.parse() {
        Ok(truth) => Some(Value::Bool(truth)),
        Err(_) => literal.parse().map(Value::Signed).or_else(|_| literal.parse().map(Value::Unsigned)).ok(),
    }
}

fn read_string(text: &mut &str) -> Option<String> {
    let mut string = String::new();
    loop {
        let mut characters = text.chars();
        let character = characters.next()?;
        *text = characters.as_str();
        match character {
            '"' => return Some(string),
            '\\' if text.starts_with("u{") => {
                let (digits, rest) = text[2..].split_once('}')?;
                string.push(char::from_u32(u32::from_str_radix(digits, 16).ok()?)?);
                *text = rest;
            }
            '\\' => {
                string.push(characters.next()?);
                *text = characters.as_str();
            }
            other => string.push(other),
        }
    }
}

fn read_group(text: &mut &str) -> Option<Vec<Value>> {
    let mut parts = Vec::new();
    while !text.starts_with(')') {
        parts.push(read(text)?);
        *text = text.strip_prefix(',').unwrap_or(text);
    }
    *text = &text[1..];
    Some(parts)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_value_can_be_read_back_from_its_text(value in value()) {
        let text = text(&value);
        prop_assume!(!text.starts_with('#'));
        let mut rest = text.as_str();
        prop_assert_eq!(read(&mut rest), Some(value));
        prop_assert_eq!(rest, "");
    }

    #[test]
    fn two_values_are_equal_exactly_if_their_texts_are(one in value(), other in value()) {
        prop_assert_eq!(one == other, text(&one) == text(&other));
        prop_assert_eq!(text(&one), text(&one.clone()));
    }

    #[test]
    fn the_text_is_short_and_has_no_control_characters(value in prop::collection::vec(value(), 1..12)) {
        let text = text(&Value::Group(value));
        prop_assert!(text.len() <= MAX_KEY_BYTES);
        prop_assert!(!text.chars().any(char::is_control), "{:?}", text);
    }
}

#[test]
fn a_key_of_a_step_is_no_key_of_a_call_and_fits_where_keys_fit() {
    let long = Scope::new("s".repeat(MAX_SCOPE_BYTES)).expect("a scope");
    let key = Key::new(long, "k".repeat(200).as_str()).expect("a key");
    let (pay, ship) = (key.of_step("pay"), key.of_step("ship"));
    assert_ne!(pay, ship);
    for text in [pay, ship] {
        assert!(text.len() <= MAX_KEY_BYTES && text.starts_with("@#"), "{text}");
    }
    let one = Key::new(Scope::from_static("a b"), &1).expect("a key").of_step("pay");
    let other = Key::new(Scope::from_static("a"), "b 1").expect("a key").of_step("pay");
    assert_eq!([one, other], ["@pay a b 1", r#"@pay a "b 1""#]);
}
