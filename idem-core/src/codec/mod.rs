//! Outcomes as text: JSON, refused where JSON would lose something.

mod exact;

use std::fmt;

use serde::Serialize;
use serde::de::DeserializeOwned;

/// Encodes a value, or says what of it JSON cannot hold: a float that is not finite would come back as nothing, and
/// `Some(None)` as `None`.
pub(crate) fn encode<T: Serialize + ?Sized>(value: &T) -> Result<String, NotEncoded> {
    let mut text = Vec::with_capacity(128);
    value.serialize(exact::Exact::new(&mut serde_json::Serializer::new(&mut text))).map_err(NotEncoded)?;
    // Writing JSON to bytes yields UTF-8, and the check costs less than a clever way around it.
    String::from_utf8(text).map_err(|error| NotEncoded(serde::ser::Error::custom(error)))
}

/// Decodes what [`encode`] wrote.
pub(crate) fn decode<T: DeserializeOwned>(text: &str) -> Result<T, NotDecoded> {
    serde_json::from_str(text).map_err(|error| NotDecoded::Malformed(Position::of(&error)))
}

/// Why a value could not be encoded.
#[derive(Debug)]
pub struct NotEncoded(serde_json::Error);

impl NotEncoded {
    /// An error that the operation does not keep. Nobody encodes one.
    pub(crate) fn not_kept() -> Self {
        Self(serde::ser::Error::custom("the operation does not keep errors"))
    }
}

impl fmt::Display for NotEncoded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
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

impl fmt::Display for NotDecoded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Malformed(Position { line, column }) => {
                write!(f, "it does not decode as the type that the function returns (line {line}, column {column})")
            }
            Self::NotKept => f.write_str("it is a kept error, and the operation does not keep errors any more"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{decode, encode};

    #[test]
    fn what_json_would_lose_is_refused() {
        assert!(encode(&Some(None::<u8>)).is_err());
        assert!(encode(&Some(())).is_err());
        assert!(encode(&vec![1.0, f64::NAN]).is_err());
        assert!(encode(&(1, f32::INFINITY)).is_err());
        assert!(encode(&[(Some(Some(1)), Some(Some(None::<u8>)))]).is_err());
    }

    #[test]
    fn what_json_holds_comes_back_exactly() {
        let text =
            encode(&(u64::MAX, i128::MIN, 0.1_f64 + 0.2, "\0\u{1f980}\"", None::<u8>, Some(3))).expect("encodes");
        let back: (u64, i128, f64, String, Option<u8>, Option<u8>) = decode(&text).expect("decodes");
        assert_eq!(back, (u64::MAX, i128::MIN, 0.1 + 0.2, "\0\u{1f980}\"".into(), None, Some(3)));
    }

    #[test]
    fn the_message_of_a_failed_decoding_does_not_quote_the_text() {
        let error = decode::<u8>("\"4111 1111 1111 1111\"").expect_err("a string is no number");
        assert!(!error.to_string().contains("4111"), "{error}");
    }
}
