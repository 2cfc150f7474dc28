//! A hash in Redis, and the [`Record`] that it is.
//!
//! The fields are called as the columns of the SQL stores are, and hold the same words, so that a person with `redis-cli`
//! reads what a person with `psql` does. A field that has nothing to say is absent.

use std::str::FromStr;

use idem_core::{Fence, Key, Observed, Record, StoreError, StoredRecord, Timestamp};
use redis::Value;

/// What a script answered.
#[derive(Debug)]
#[expect(
    clippy::large_enum_variant,
    reason = "it is taken apart at once; a box would be an allocation for each replay"
)]
pub(crate) enum Reply {
    /// It wrote. Of a claim, this says what.
    Written(Option<Written>),
    /// It wrote nothing, and this is what it found.
    Found(Found),
}

/// The claim that a script wrote.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Written {
    pub(crate) fence: Fence,
    /// Whether it is the one that was decided on. Otherwise the key was free, or a token that nobody had used.
    pub(crate) decided: bool,
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

/// Reads the answer of a script: see `found` in `lua/prelude.lua`, and `lua/claim_quick.lua`.
///
/// # Errors
///
/// Corrupt, if no release of this library wrote this value.
pub(crate) fn read(reply: &Value, key: &Key) -> Result<Reply, StoreError> {
    let parts = match reply {
        Value::Array(parts) => &parts[..],
        Value::Int(fence) => {
            return Ok(Reply::Written(Some(Written { fence: Fence::from_number(*fence), decided: false })));
        }
        _ => return Err(not_ours()),
    };
    match parts {
        [Value::BulkString(tag), now, Value::Array(fields)] if tag == b"found" => {
            Ok(Reply::Found(Found { record: stored(fields)?.read(key)?, now: instant(now)? }))
        }
        [Value::BulkString(tag)] if tag == b"written" => Ok(Reply::Written(None)),
        [Value::BulkString(tag), fence, Value::BulkString(how)] if tag == b"written" => {
            let fence = Fence::from_number(number("fence", Some(fence))?.ok_or_else(not_ours)?);
            Ok(Reply::Written(Some(Written { fence, decided: how == b"decided" })))
        }
        [head, outcome] => finished(head, outcome, key),
        _ => Err(not_ours()),
    }
}

fn instant(now: &Value) -> Result<Timestamp, StoreError> {
    number("the clock", Some(now))?.map(Timestamp::from_micros).ok_or_else(not_ours)
}

/// An outcome that has not expired, as `lua/claim_quick.lua` tells it: with the fields by which a claim is decided, and
/// without those that the decision does not look at then.
fn finished(head: &Value, outcome: &Value, key: &Key) -> Result<Reply, StoreError> {
    let head = text("the answer of a script", Some(head))?.ok_or_else(not_ours)?;
    let mut parts = head.split(' ');
    let [seconds, micros, state, expires_at, codec, outcome_version, fingerprint, fingerprint_version] =
        [(); 8].map(|()| parts.next());
    if fingerprint_version.is_none() || parts.next().is_some() {
        return Err(StoreError::corrupt("a field has a blank"));
    }
    let now = parsed::<i64>("the clock", seconds)?.zip(parsed::<i64>("the clock", micros)?);
    let now = now.map(|(seconds, micros)| Timestamp::from_micros(seconds * 1_000_000 + micros)).ok_or_else(not_ours)?;
    let record = StoredRecord {
        state,
        expires_at: parsed("expires_at", expires_at)?,
        codec,
        outcome_version: parsed("outcome_version", outcome_version)?,
        outcome: text("outcome", Some(outcome))?,
        fingerprint: fingerprint.filter(|digest| !digest.is_empty()),
        fingerprint_version: parsed("fingerprint_version", fingerprint_version.filter(|version| !version.is_empty()))?,
        fence: Some(0),
        attempts: Some(0),
        created_at: Some(0),
        updated_at: Some(0),
        ..StoredRecord::default()
    };
    Ok(Reply::Found(Found { record: record.read(key)?, now }))
}

pub(crate) fn not_ours() -> StoreError {
    StoreError::refused("the server did not answer as the scripts do", None)
}

/// The fields, in the order of `FIELDS` in `lua/prelude.lua`.
fn stored(values: &[Value]) -> Result<StoredRecord<'_>, StoreError> {
    let mut values = values.iter();
    // The fields of an expression are evaluated as they are written: in the order of the script.
    Ok(StoredRecord {
        state: text("state", values.next())?,
        claim_id: text("claim_id", values.next())?,
        fence: number("fence", values.next())?,
        attempts: number("attempts", values.next())?,
        fingerprint: text("fingerprint", values.next())?,
        fingerprint_version: number("fingerprint_version", values.next())?,
        abandoned: text("abandoned", values.next())?,
        lease_until: number("lease_until", values.next())?,
        expires_at: number("expires_at", values.next())?,
        codec: text("codec", values.next())?,
        outcome_version: number("outcome_version", values.next())?,
        outcome: text("outcome", values.next())?,
        created_at: number("created_at", values.next())?,
        updated_at: number("updated_at", values.next())?,
    })
}

/// A field as text; `None` if it is absent.
fn text<'a>(field: &str, value: Option<&'a Value>) -> Result<Option<&'a str>, StoreError> {
    match value {
        Some(Value::Nil) => Ok(None),
        Some(Value::BulkString(bytes)) => {
            str::from_utf8(bytes).map(Some).map_err(|_| StoreError::corrupt(format!("`{field}` is not text")))
        }
        _ => Err(not_ours()),
    }
}

fn number<T: FromStr>(field: &str, value: Option<&Value>) -> Result<Option<T>, StoreError> {
    parsed(field, text(field, value)?)
}

fn parsed<T: FromStr>(field: &str, text: Option<&str>) -> Result<Option<T>, StoreError> {
    let Some(text) = text else { return Ok(None) };
    // The scripts compare text. What is a number and is written otherwise, they would never find to be the same.
    let is_as_written = text.bytes().all(|byte| byte.is_ascii_digit()) && (text == "0" || !text.starts_with('0'));
    let number = text.parse().ok().filter(|_| is_as_written);
    number.map(Some).ok_or_else(|| StoreError::corrupt(format!("`{field}` is `{}`", text.escape_debug())))
}
