//! The outcome of a key, as a store keeps it.

use std::fmt;
use std::sync::Arc;

use serde::Serialize;
use serde::de::{DeserializeOwned, IgnoredAny};

use crate::{Error, StoreError, codec};

/// What the body returned, as stored.
///
/// The text of an outcome is UTF-8, whatever the codec, so that a person can read it in any database.
#[derive(Clone, PartialEq, Eq)]
pub struct Outcome {
    /// Whether the body returned a value or an error.
    pub kind: OutcomeKind,
    /// How the text is read.
    pub codec: Codec,
    /// The version of the stored type, as the operation gave it.
    pub version: u32,
    /// The encoded value or error.
    pub text: Arc<str>,
}

impl Outcome {
    /// The outcome of a body that returned this value, in the text that it would have stored. For an operator who settles a key,
    /// see [`Resolution::Finish`](crate::Resolution::Finish).
    ///
    /// It is of version 1, as an operation is that does not say otherwise: `Outcome { version: 2, ..Outcome::value(&receipt)? }`
    /// is one of another version. `T` is the type that the function returns; retries read no other.
    ///
    /// # Errors
    ///
    /// [`misuse`](Error::is_misuse) if the value would not come back as it is.
    pub fn value<T: Serialize + DeserializeOwned>(value: &T) -> Result<Self, Error> {
        Self::encoded(OutcomeKind::Value, value)
    }

    /// The outcome of a body that returned this error, for an operation that keeps errors. As [`value`](Self::value) otherwise.
    ///
    /// # Errors
    ///
    /// [`misuse`](Error::is_misuse) if the error would not come back as it is.
    pub fn error<E: Serialize + DeserializeOwned>(error: &E) -> Result<Self, Error> {
        Self::encoded(OutcomeKind::Error, error)
    }

    fn encoded<T: Serialize + DeserializeOwned>(kind: OutcomeKind, returned: &T) -> Result<Self, Error> {
        let text = codec::encode(returned)
            .map_err(|why| Error::misuse(format!("the outcome would not come back as it is: {why}")))?;
        Ok(Self { kind, codec: Codec::Json, version: 1, text: text.into() })
    }

    /// Whether some type could read it.
    pub(crate) fn check(&self) -> Result<(), StoreError> {
        let refused = |why: &str| {
            let what = format!("{why}, so no retry could read this outcome; make it with `Outcome::value(&value)`");
            Err(StoreError::refused(what, None))
        };
        match self.codec {
            _ if self.version == 0 => refused("versions begin at 1"),
            Codec::Json if serde_json::from_str::<IgnoredAny>(&self.text).is_err() => refused("the text is not JSON"),
            Codec::Omitted if !self.text.is_empty() => refused("an omitted outcome has no text"),
            Codec::Json | Codec::Omitted => Ok(()),
        }
    }
}

/// An outcome may carry personal data, so only its shape is shown.
impl fmt::Debug for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Outcome")
            .field("kind", &self.kind)
            .field("codec", &self.codec)
            .field("version", &self.version)
            .field("bytes", &self.text.len())
            .finish()
    }
}

/// Whether the body returned a value or an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum OutcomeKind {
    /// The body returned a value; the record is `completed`.
    Value,
    /// The body returned an error that the policy keeps; the record is `failed`.
    Error,
}

impl OutcomeKind {
    /// The name of the record's state: `completed` or `failed`.
    #[must_use]
    pub fn state_name(self) -> &'static str {
        match self {
            Self::Value => "completed",
            Self::Error => "failed",
        }
    }
}

/// How the text of an outcome is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Codec {
    /// JSON, as `serde_json` writes it.
    Json,
    /// No text: the outcome was over the limit, or JSON cannot hold it. The key is done and must not run again.
    Omitted,
}

impl Codec {
    /// The name of this codec as stores write it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::Omitted => "omitted",
        }
    }

    /// The codec of this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Json, Self::Omitted].into_iter().find(|codec| codec.name() == name)
    }
}
