//! The values of the statements, by their numbers in `statements.rs`.

use std::borrow::Cow;
use std::time::Duration;

use idem_core::decision::is_expired;
use idem_core::{Claim, ClaimId, ClaimRequest, Codec, Key, Origin, Outcome, Record, State, Timestamp};

use crate::statement::Value;

pub(crate) type Values<'a> = Vec<Value<'a>>;

/// What stands for the text of an outcome that is not stored. An empty text is null under some modes of MariaDB, and null
/// is no outcome.
pub(crate) const OMITTED: &str = "-";

/// `?1` and `?2`.
pub(crate) fn on_key(key: &Key) -> Values<'_> {
    vec![text(key.scope().as_str()), text(key.text())]
}

/// `?1` to `?3`.
pub(crate) fn on_claim(key: &Key, claim_id: ClaimId) -> Values<'_> {
    let mut values = on_key(key);
    values.push(owned(claim_id.to_string()));
    values
}

/// `?4`.
pub(crate) fn with_lease(mut values: Values<'_>, lease: Duration) -> Values<'_> {
    values.push(duration(lease));
    values
}

/// `?1` and `?2`: a lease, and the claims that it is of, as JSON: `[["scope","key","claim id"]]`.
pub(crate) fn extended(claims: &[&Claim], lease: Duration, as_hex: bool) -> Values<'static> {
    let text = |text: &str| if as_hex { hex(text) } else { text.to_owned() };
    let claims: Vec<[String; 3]> = claims
        .iter()
        .map(|claim| [text(claim.key.scope().as_str()), text(claim.key.text()), text(&claim.claim_id.to_string())])
        .collect();
    vec![duration(lease), owned(serde_json::to_string(&claims).expect("texts are JSON"))]
}

/// The bytes of a text, so that no character set and no escape matters.
fn hex(text: &str) -> String {
    use std::fmt::Write as _;

    text.bytes().fold(String::with_capacity(text.len() * 2), |mut hex, byte| {
        let _ = write!(hex, "{byte:02X}");
        hex
    })
}

/// `?4` to `?8`.
pub(crate) fn with_outcome<'a>(mut values: Values<'a>, outcome: &'a Outcome, retention: Duration) -> Values<'a> {
    values.extend([
        text(outcome.kind.state_name()),
        text(outcome.codec.name()),
        number(i64::from(outcome.version)),
        text(if outcome.codec == Codec::Omitted && outcome.text.is_empty() { OMITTED } else { &outcome.text }),
        duration(retention),
    ]);
    values
}

/// `?1` to `?9`. The fence and the times come from the database's clock.
pub(crate) fn claimed(request: &ClaimRequest, claim_id: ClaimId, attempt: u32) -> Values<'_> {
    let mut values = on_claim(&request.key, claim_id);
    values.extend([
        Value::Text(request.fingerprint.as_ref().map(|fingerprint| Cow::Owned(fingerprint.digest_text()))),
        Value::Number(request.fingerprint.map(|fingerprint| i64::from(fingerprint.version()))),
        text(request.abandoned.name()),
        duration(request.lease),
        duration(request.retention),
        number(i64::from(attempt)),
    ]);
    values
}

/// `?10` to `?16`: what the decision makes of the record, and the record as it was found.
pub(crate) fn as_found<'a>(mut values: Values<'a>, claim: &Claim, record: &Record, now: Timestamp) -> Values<'a> {
    values.extend([number(i64::from(claim.origin != Origin::Repeated)), Value::Flag(is_expired(record, now))]);
    values.extend(compared(record));
    values
}

/// `?1` to `?3`.
pub(crate) fn issued(key: &Key, lifetime: Duration) -> Values<'_> {
    let mut values = on_key(key);
    values.push(duration(lifetime));
    values
}

/// `?4` to `?8`: the record as it was found.
pub(crate) fn issued_again<'a>(mut values: Values<'a>, record: &Record) -> Values<'a> {
    values.extend(compared(record));
    values
}

/// What changes with every write.
fn compared(record: &Record) -> [Value<'static>; 5] {
    let lease_until = match record.state {
        State::Running { lease_until, .. } => Some(lease_until.as_micros()),
        State::Issued | State::Released | State::Finished(_) => None,
    };
    [
        text(record.state.name()),
        Value::Text(record.claim_id.map(|claim_id| Cow::Owned(claim_id.to_string()))),
        number(record.fence.number()),
        Value::Number(lease_until),
        number(record.expires_at.as_micros()),
    ]
}

/// `?1` to `?3`: the key that a page begins behind, and a number of rows. The first page begins behind `before_all`.
pub(crate) fn page<'a>(after: Option<&'a Key>, before_all: &'static str, rows: u32) -> Values<'a> {
    let (scope, key) = after.map_or((before_all, before_all), |key| (key.scope().as_str(), key.text()));
    vec![text(scope), text(key), number(i64::from(rows))]
}

/// A number of rows, as `?1`.
pub(crate) fn limit(rows: u32) -> Values<'static> {
    vec![number(i64::from(rows))]
}

/// A flag, at the end.
#[cfg(feature = "postgres")]
pub(crate) fn with_flag(mut values: Values<'_>, flag: bool) -> Values<'_> {
    values.push(Value::Flag(flag));
    values
}

fn text(text: &str) -> Value<'_> {
    Value::Text(Some(Cow::Borrowed(text)))
}

fn owned(text: String) -> Value<'static> {
    Value::Text(Some(Cow::Owned(text)))
}

fn number(number: i64) -> Value<'static> {
    Value::Number(Some(number))
}

/// In microseconds. The longest there is stands for all that are longer.
fn duration(duration: Duration) -> Value<'static> {
    number(i64::try_from(duration.as_micros()).unwrap_or(i64::MAX))
}
