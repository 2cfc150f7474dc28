//! The same call, made safe to retry by hand, with sqlx alone: what the stores are compared with.
//!
//! Each database has two of them, in the same shape:
//!
//! - `Lean`: what one writes for one function. A table of its own, six columns and an index for the purge; the claim, the
//!   fingerprint, the outcome and the expiry. No fence, no renewal, no takeover.
//! - `Same`: the very statements that idem sends, every column of the answer decoded and what it says obeyed, with no
//!   engine and no store around them: what is left is what idem itself costs. It learns the statements from the log, so
//!   that they cannot drift apart; if idem comes to send other values, it fails.

pub mod sqlite;
pub mod postgres;
pub mod mysql;

use std::fmt::Write as _;

use sha2::{Digest as _, Sha256};

use crate::databases::Mode;
use crate::orders::{Order, Receipt};

pub(crate) const MINUTE: i64 = 60_000_000;
pub(crate) const DAY: i64 = 24 * 60 * MINUTE;

/// The table of `Same`, made by idem's own migration.
pub(crate) const SAME_TABLE: &str = "same_records";

/// Whatever went wrong.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// The statements that idem sends for a first call, in order: any number that look, the one that claims, and the one that
/// keeps the outcome.
#[derive(Debug, Clone)]
pub(crate) struct Learnt {
    pub(crate) looks: Vec<&'static str>,
    pub(crate) claim: &'static str,
    pub(crate) complete: &'static str,
}

impl Learnt {
    /// Picks those about idem's table out of all that were sent, and turns them to the other table of the same shape: in one
    /// table, whose rows come last would have the cheaper inserts.
    pub(crate) fn from(sent: Vec<String>) -> Result<Self, BoxError> {
        // Leaked, once for each database and mode, because sqlx wants texts that it need not copy.
        let ours = sent.into_iter().filter(|sql| sql.contains("idem_records"));
        let mut ours: Vec<&'static str> = ours.map(|sql| &*sql.replace("idem_records", SAME_TABLE).leak()).collect();
        let (Some(complete), Some(claim)) = (ours.pop(), ours.pop()) else {
            return Err("idem sent no statements that the log shows".into());
        };
        Ok(Self { looks: ours, claim, complete })
    }
}

/// The values of a claim.
pub(crate) struct Request<'a> {
    pub(crate) key: &'a str,
    pub(crate) claim_id: String,
    pub(crate) fingerprint: String,
    pub(crate) abandoned: &'static str,
    pub(crate) lease: i64,
}

impl<'a> Request<'a> {
    pub(crate) fn new(order: &'a Order, mode: Mode) -> Result<Self, BoxError> {
        let (abandoned, lease) = match mode {
            Mode::Lease => ("rerun", MINUTE / 2),
            Mode::Transaction => ("refuse", 0),
        };
        let fingerprint = hex(&Sha256::digest(serde_json::to_vec(order)?));
        let claim_id = hex(&rand::random::<u128>().to_be_bytes());
        Ok(Self { key: &order.id, claim_id, fingerprint, abandoned, lease })
    }
}

/// The clock and the columns, by ordinal and borrowed from the row: the fastest that sqlx has.
#[rustfmt::skip]
pub(crate) type Found<'r> = (
    i64, Option<&'r str>, Option<&'r str>, Option<i64>, Option<i64>, Option<&'r str>, Option<i64>, Option<&'r str>,
    Option<i64>, Option<i64>, Option<&'r str>, Option<i64>, Option<&'r str>, Option<i64>, Option<i64>,
);

/// What a record says of a call; nothing if there is none, or it has expired.
pub(crate) fn decided(found: Found<'_>, request: &Request<'_>) -> Result<Option<Receipt>, BoxError> {
    let (now, state, _, _, _, fingerprint, version, _, _, expires_at, codec, outcome_version, outcome, _, _) = found;
    let Some(state) = state else { return Ok(None) };
    if expires_at <= Some(now) {
        return Ok(None);
    }
    if (fingerprint, version) != (Some(&*request.fingerprint), Some(1)) {
        return Err("the record is of another payload".into());
    }
    match (state, codec, outcome_version, outcome) {
        ("completed", Some("json"), Some(1), Some(outcome)) => Ok(Some(serde_json::from_str(outcome)?)),
        _ => Err(format!("the key is {state}").into()),
    }
}

/// What a record of `Lean` says.
pub(crate) fn replayed(fingerprint: &str, outcome: Option<&str>, request: &Request<'_>) -> Result<Receipt, BoxError> {
    if fingerprint != request.fingerprint {
        return Err("the record is of another payload".into());
    }
    Ok(serde_json::from_str(outcome.ok_or("somebody else holds the claim")?)?)
}

/// Checks that a write met its row.
pub(crate) fn written(rows: u64) -> Result<(), BoxError> {
    if rows == 1 { Ok(()) } else { Err("somebody else holds the claim".into()) }
}

fn hex(bytes: &[u8]) -> String {
    let mut hex = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        // Writing to a `String` cannot fail.
        let _ = write!(hex, "{byte:02x}");
    }
    hex
}
