//! Outcomes as text: JSON, refused where JSON would lose something.

mod exact;
mod order;
mod returning;

use std::fmt;

use serde::Serialize;
use serde::de::DeserializeOwned;

/// Encodes a value, or says what of it would not come back: what JSON cannot hold, such as a float that is not finite, and
/// what the type writes and does not read, or reads as another value.
///
/// So it decodes each text once. Only that shows what the type's own `Deserialize` makes of it, and only now is there a
/// value for the first caller; every later one would get an error, or another value. What this does not see is among the limits
/// in the README.
pub(crate) fn encode<T: Serialize + DeserializeOwned>(value: &T) -> Result<String, NotEncoded> {
    let text = write(value)?;
    returning::check::<T>(&text)?;
    Ok(text)
}

fn write<T: Serialize + ?Sized>(value: &T) -> Result<String, NotEncoded> {
    let mut text = Vec::with_capacity(128);
    value.serialize(exact::Exact::new(&mut serde_json::Serializer::new(&mut text))).map_err(NotEncoded::refused)?;
    // Writing JSON to bytes yields UTF-8, and the check costs less than a clever way around it.
    String::from_utf8(text).map_err(NotEncoded::refused)
}

/// Decodes what [`encode`] wrote.
pub(crate) fn decode<T: DeserializeOwned>(text: &str) -> Result<T, NotDecoded> {
    serde_json::from_str(text).map_err(|error| NotDecoded::Malformed(Position::of(&error)))
}

/// Why a value could not be encoded.
#[derive(Debug)]
pub struct NotEncoded(String);

impl NotEncoded {
    fn refused(why: impl fmt::Display) -> Self {
        Self(why.to_string())
    }

    /// An error that the operation does not keep. Nobody encodes one.
    pub(crate) fn not_kept() -> Self {
        Self::refused("the operation does not keep errors")
    }
}

impl fmt::Display for NotEncoded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Why stored text could not be decoded.
#[derive(Debug)]
pub enum NotDecoded {
    /// The text is not what the type writes.
    Malformed(Position),
    /// An error is stored, but the operation no longer keeps errors, so it does not know the error's type.
    NotKept,
}

/// Where decoding stopped. Not the message of `serde_json`, which may quote the outcome.
#[derive(Debug)]
pub struct Position {
    line: usize,
    column: usize,
}

impl Position {
    fn of(error: &serde_json::Error) -> Self {
        Self { line: error.line(), column: error.column() }
    }
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            // What is wrong with it was found after it was read.
            Self { line: 0, .. } => Ok(()),
            Self { line, column } => write!(f, " (line {line}, column {column})"),
        }
    }
}

impl fmt::Display for NotDecoded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Malformed(position) => {
                write!(f, "it does not decode as the type that the function returns{position}")
            }
            Self::NotKept => f.write_str("it is a kept error, and the operation does not keep errors any more"),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, HashMap, HashSet};
    use std::fmt::Debug;

    use serde::{Deserialize, Serialize};

    use super::{DeserializeOwned, decode, encode};

    #[test]
    fn what_json_would_lose_is_refused() {
        assert!(encode(&Some(None::<u8>)).is_err());
        assert!(encode(&Some(())).is_err());
        assert!(encode(&vec![1.0, f64::NAN]).is_err());
        assert!(encode(&(1, f32::INFINITY)).is_err());
        assert!(encode(&[(Some(Some(1)), Some(Some(None::<u8>)))]).is_err());
    }

    fn comes_back<T: Serialize + DeserializeOwned + PartialEq + Debug>(value: &T) {
        let text = encode(value).expect("encodes");
        assert_eq!(&decode::<T>(&text).expect("decodes"), value);
    }

    #[test]
    fn what_json_holds_comes_back_exactly() {
        comes_back(&(u64::MAX, i128::MIN, 0.1_f64 + 0.2, "\0\u{1f980}\"".to_owned(), None::<u8>, Some(3)));
        comes_back(&(u128::MAX, [f32::MIN_POSITIVE, 0.1], f64::MAX, -0.0_f64));
        comes_back(&BTreeMap::from([(1_u8, 'a'), (2, 'b')]));
        comes_back(&BTreeMap::from([(true, 1), (false, 0)]));
    }

    #[test]
    fn an_order_that_changes_by_itself_is_no_other_value() {
        comes_back(&(0..100).map(|key| (key, key.to_string())).collect::<HashMap<u64, _>>());
        comes_back(&(0..100).map(|key| Some(vec![key, 1])).collect::<HashSet<_>>());
        comes_back(&vec![(0..50).collect::<HashSet<u8>>(), (20..90).collect()]);
        // Half of the sets of two elements come back in the other order.
        for number in 0..50 {
            comes_back(&Unnamed { tags: HashSet::from([number, number + 1]) });
        }
    }

    /// Nothing in what it writes says that it is a set.
    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    #[serde(transparent)]
    struct Unnamed {
        tags: HashSet<u8>,
    }

    /// Writes the top first, and reads by pushing.
    #[derive(Debug, PartialEq, Deserialize)]
    struct Stack(Vec<u128>);

    impl Serialize for Stack {
        fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            serializer.collect_seq(self.0.iter().rev())
        }
    }

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct SortedWhenRead {
        #[serde(deserialize_with = "sorted")]
        items: Vec<u8>,
    }

    fn sorted<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Vec<u8>, D::Error> {
        let mut items = Vec::deserialize(deserializer)?;
        items.sort_unstable();
        Ok(items)
    }

    #[test]
    fn a_list_that_comes_back_in_another_order_is_refused() {
        comes_back(&Stack(vec![7, 7]));
        assert!(encode(&Stack(vec![1, 2])).is_err());
        assert!(encode(&HashMap::from([(1, Stack(vec![1, 2])), (2, Stack(vec![]))])).is_err());
        comes_back(&SortedWhenRead { items: vec![1, 2, 3] });
        assert!(encode(&SortedWhenRead { items: vec![1, 3, 2] }).is_err());
    }

    /// Adds one to its number each time it is read.
    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Counted {
        set: HashSet<u8>,
        #[serde(deserialize_with = "one_more")]
        number: u128,
    }

    fn one_more<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<u128, D::Error> {
        u128::deserialize(deserializer).map(|number| number + 1)
    }

    #[test]
    fn another_value_is_refused_beside_a_set_and_beyond_the_numbers_of_a_float() {
        assert!(encode(&Counted { set: (0..9).collect(), number: 1 << 70 }).is_err());
    }

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    #[serde(tag = "kind")]
    enum Tagged {
        Amount { minor: u128 },
        Signed { minor: i128 },
    }

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Flattened {
        #[serde(flatten)]
        amount: Amount,
    }

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Amount {
        minor: u128,
    }

    #[test]
    fn a_big_number_inside_a_tagged_or_flattened_type_is_refused_and_not_stored_in_vain() {
        comes_back(&Amount { minor: u128::MAX });
        for minor in [1, 1 << 70] {
            assert!(encode(&Tagged::Amount { minor }).is_err());
            assert!(encode(&Flattened { amount: Amount { minor } }).is_err());
        }
        assert!(encode(&Tagged::Signed { minor: -(1 << 70) }).is_err());
    }

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Nested(Vec<Nested>);

    fn nested(depth: usize) -> Nested {
        (1..depth).fold(Nested(Vec::new()), |inside, _| Nested(vec![inside]))
    }

    #[test]
    fn what_nests_deeper_than_it_is_read_is_refused() {
        comes_back(&nested(127));
        assert!(encode(&nested(128)).is_err());
        assert!(encode(&nested(129)).is_err());
        // Before it is so deep that writing it would need more stack than there is.
        let deep = nested(5_000);
        assert!(encode(&deep).is_err());
    }

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Asymmetric {
        #[serde(skip_deserializing)]
        total: u64,
    }

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    #[serde(untagged)]
    enum Untagged {
        Whole(u64),
        Percent { of: u64 },
        Named { of: u64, name: String },
    }

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Renamed {
        #[serde(rename(serialize = "sum", deserialize = "total"))]
        total: u64,
    }

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Skipped {
        #[serde(skip_serializing_if = "Option::is_none", default = "one")]
        count: Option<u8>,
    }

    #[expect(clippy::unnecessary_wraps, reason = "it is a default of an `Option`")]
    fn one() -> Option<u8> {
        Some(1)
    }

    #[test]
    fn what_a_type_does_not_read_as_it_wrote_it_is_refused() {
        comes_back(&Asymmetric { total: 0 });
        assert!(encode(&Asymmetric { total: 17 }).is_err());
        comes_back(&Untagged::Whole(1));
        comes_back(&Untagged::Percent { of: 1 });
        assert!(encode(&Untagged::Named { of: 1, name: "a".to_owned() }).is_err());
        assert!(encode(&Renamed { total: 1 }).is_err());
        comes_back(&Skipped { count: Some(2) });
        assert!(encode(&Skipped { count: None }).is_err());
    }

    #[test]
    fn why_a_value_was_not_encoded_does_not_quote_it() {
        let why = encode(&Asymmetric { total: 4111 }).expect_err("it does not come back").to_string();
        assert!(!why.contains("4111"), "{why}");
    }

    #[test]
    fn the_message_of_a_failed_decoding_does_not_quote_the_text() {
        let error = decode::<u8>("\"4111 1111 1111 1111\"").expect_err("a string is no number");
        assert!(!error.to_string().contains("4111"), "{error}");
    }
}
