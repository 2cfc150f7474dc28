//! A hash in Redis, and the [`Record`] that it is.
//!
//! The fields are called as the columns of the SQL stores are, and hold the same words, so that a person with `redis-cli`
//! reads what a person with `psql` does. A field that has nothing to say is absent.

use std::str::FromStr;

use idem_core::{
    Abandoned, ClaimId, Codec, Fence, Fingerprint, Key, Observed, Outcome, OutcomeKind, Record, State, StoreError,
    Timestamp,
};
use redis::Value;

use crate::hex;

/// What a script answered.
#[derive(Debug)]
pub(crate) enum Reply {
    /// It wrote; what else it says depends on the script.
    Written(Vec<Value>),
    /// It wrote nothing, and this is what it found.
    Found(Found),
}

/// What the hash and the clock said.
#[derive(Debug)]
pub(crate) struct Found {
    pub(crate) record: Option<Record>,
    pub(crate) now: Timestamp,
}

impl Found {
    pub(crate) fn observed(self) -> Option<Observed> {
        let now = self.now;
        self.record.map(|record| Observed { record, now })
    }
}

/// Reads the answer of a script, see `found` in `lua/prelude.lua`.
///
/// # Errors
///
/// Corrupt, if a value is none that a release of this library wrote.
pub(crate) fn read(reply: Value, key: &Key) -> Result<Reply, StoreError> {
    let Value::Array(parts) = reply else { return Err(not_ours()) };
    let mut parts = parts.into_iter();
    match parts.next() {
        Some(Value::BulkString(tag)) if tag == b"written" => Ok(Reply::Written(parts.collect())),
        Some(Value::BulkString(tag)) if tag == b"found" => {
            let now = Timestamp::from_micros(number("the clock", text("the clock", parts.next())?)?);
            let Some(Value::Array(fields)) = parts.next() else { return Err(not_ours()) };
            Ok(Reply::Found(Found { record: Fields::of(fields)?.record(key)?, now }))
        }
        _ => Err(not_ours()),
    }
}

/// A text in the answer of a script that wrote.
pub(crate) fn number_of<T: FromStr>(value: Option<Value>) -> Result<T, StoreError> {
    number("the answer of a script", text("the answer of a script", value)?)
}

fn not_ours() -> StoreError {
    StoreError::refused("the server did not answer as the scripts do", None)
}

/// The fields, in the order of `FIELDS` in `lua/prelude.lua`.
#[derive(Debug, Default, PartialEq)]
struct Fields {
    state: Option<String>,
    claim_id: Option<String>,
    fence: Option<String>,
    attempts: Option<String>,
    fingerprint: Option<String>,
    fingerprint_version: Option<String>,
    abandoned: Option<String>,
    lease_until: Option<String>,
    expires_at: Option<String>,
    codec: Option<String>,
    outcome_version: Option<String>,
    outcome: Option<String>,
    created_at: Option<String>,
    updated_at: Option<String>,
}

impl Fields {
    fn of(values: Vec<Value>) -> Result<Self, StoreError> {
        let mut values = values.into_iter();
        let mut next = |field| text(field, values.next());
        // The fields of an expression are evaluated as they are written: in the order of the script.
        Ok(Self {
            state: next("state")?,
            claim_id: next("claim_id")?,
            fence: next("fence")?,
            attempts: next("attempts")?,
            fingerprint: next("fingerprint")?,
            fingerprint_version: next("fingerprint_version")?,
            abandoned: next("abandoned")?,
            lease_until: next("lease_until")?,
            expires_at: next("expires_at")?,
            codec: next("codec")?,
            outcome_version: next("outcome_version")?,
            outcome: next("outcome")?,
            created_at: next("created_at")?,
            updated_at: next("updated_at")?,
        })
    }

    fn record(mut self, key: &Key) -> Result<Option<Record>, StoreError> {
        let Some(state) = self.state.take() else {
            return if self == Self::default() { Ok(None) } else { Err(absent("state")) };
        };
        Ok(Some(Record {
            key: key.clone(),
            claim_id: self.claim_id.as_deref().map(claim_id).transpose()?,
            fence: Fence::from_number(number("fence", self.fence.take())?),
            attempts: number("attempts", self.attempts.take())?,
            fingerprint: self.fingerprint()?,
            expires_at: instant("expires_at", self.expires_at.take())?,
            created_at: instant("created_at", self.created_at.take())?,
            updated_at: instant("updated_at", self.updated_at.take())?,
            state: self.state(&state)?,
        }))
    }

    fn state(self, name: &str) -> Result<State, StoreError> {
        Ok(match name {
            "issued" => State::Issued,
            "running" => State::Running {
                lease_until: instant("lease_until", self.lease_until)?,
                abandoned: named("abandoned", self.abandoned, Abandoned::from_name)?,
            },
            "released" => State::Released,
            "completed" => State::Finished(self.outcome(OutcomeKind::Value)?),
            "failed" => State::Finished(self.outcome(OutcomeKind::Error)?),
            unknown => return Err(StoreError::corrupt(format!("the state `{}`", unknown.escape_debug()))),
        })
    }

    fn outcome(self, kind: OutcomeKind) -> Result<Outcome, StoreError> {
        Ok(Outcome {
            kind,
            codec: named("codec", self.codec, Codec::from_name)?,
            version: number("outcome_version", self.outcome_version)?,
            text: self.outcome.ok_or_else(|| absent("outcome"))?.into(),
        })
    }

    fn fingerprint(&self) -> Result<Option<Fingerprint>, StoreError> {
        let Some(text) = &self.fingerprint else { return Ok(None) };
        let version = number("fingerprint_version", self.fingerprint_version.clone())?;
        let digest =
            hex::decode(text).ok_or_else(|| StoreError::corrupt("`fingerprint` is not 64 lower-case hex digits"))?;
        Ok(Some(Fingerprint::from_stored(version, digest)))
    }
}

/// A field as text; `None` if it is absent.
fn text(field: &str, value: Option<Value>) -> Result<Option<String>, StoreError> {
    match value {
        Some(Value::Nil) => Ok(None),
        Some(Value::BulkString(bytes)) => {
            String::from_utf8(bytes).map(Some).map_err(|_| StoreError::corrupt(format!("`{field}` is not text")))
        }
        _ => Err(not_ours()),
    }
}

fn absent(field: &str) -> StoreError {
    StoreError::corrupt(format!("`{field}` is absent"))
}

fn instant(field: &str, value: Option<String>) -> Result<Timestamp, StoreError> {
    number(field, value).map(Timestamp::from_micros)
}

fn number<T: FromStr>(field: &str, value: Option<String>) -> Result<T, StoreError> {
    let value = value.ok_or_else(|| absent(field))?;
    value.parse().map_err(|_| StoreError::corrupt(format!("`{field}` is `{}`", value.escape_debug())))
}

fn named<T>(field: &str, value: Option<String>, of: impl Fn(&str) -> Option<T>) -> Result<T, StoreError> {
    let name = value.ok_or_else(|| absent(field))?;
    of(&name).ok_or_else(|| StoreError::corrupt(format!("`{field}` is `{}`", name.escape_debug())))
}

fn claim_id(text: &str) -> Result<ClaimId, StoreError> {
    hex::decode(text)
        .map(ClaimId::from_bytes)
        .ok_or_else(|| StoreError::corrupt("`claim_id` is not 32 lower-case hex digits"))
}
