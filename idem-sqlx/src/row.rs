//! A row of the table, as text and integers, and the [`Record`] that it is.
//!
//! The columns are the same in every database, and so are the words in them.

use std::time::Duration;

use idem_core::{
    Abandoned, ClaimId, Codec, Fence, Fingerprint, Key, Observed, Outcome, OutcomeKind, Record, State, StoreError,
    Timestamp,
};
use sqlx::{ColumnIndex, Database, Decode, Row, Type};

use crate::hex;

/// The columns that [`read`] expects after the clock, in its order.
pub(crate) const COLUMNS: &str = "state, claim_id, fence, attempts, fingerprint, fingerprint_version, abandoned, \
     lease_until, expires_at, codec, outcome_version, outcome, created_at, updated_at";

/// What the table and the clock said.
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

/// Reads the clock and [`COLUMNS`], which are all null where there is no record.
///
/// # Errors
///
/// Corrupt, if a value is none that a release of this library wrote.
pub(crate) fn read<'r, R>(row: &'r R, key: &Key) -> Result<Found, StoreError>
where
    R: Row,
    usize: ColumnIndex<R>,
    &'r str: Decode<'r, R::Database> + Type<R::Database>,
    i64: Decode<'r, R::Database> + Type<R::Database>,
{
    let columns = Columns::read(row).map_err(|error| StoreError::corrupt(error.to_string()))?;
    let now = Timestamp::from_micros(columns.now);
    let Some(state) = columns.state else {
        return Ok(Found { record: None, now });
    };
    Ok(Found { record: Some(columns.record(state, key)?), now })
}

/// A duration as a parameter, in microseconds. The longest there is stands for all that are longer.
pub(crate) fn micros(duration: Duration) -> i64 {
    i64::try_from(duration.as_micros()).unwrap_or(i64::MAX)
}

/// The digest of a fingerprint as a parameter.
pub(crate) fn digest(fingerprint: Option<&Fingerprint>) -> Option<String> {
    fingerprint.map(|fingerprint| hex::encode(fingerprint.digest()))
}

/// The columns as they are.
struct Columns<'r> {
    now: i64,
    state: Option<&'r str>,
    claim_id: Option<&'r str>,
    fence: Option<i64>,
    attempts: Option<i64>,
    fingerprint: Option<&'r str>,
    fingerprint_version: Option<i64>,
    abandoned: Option<&'r str>,
    lease_until: Option<i64>,
    expires_at: Option<i64>,
    codec: Option<&'r str>,
    outcome_version: Option<i64>,
    outcome: Option<&'r str>,
    created_at: Option<i64>,
    updated_at: Option<i64>,
}

impl<'r> Columns<'r> {
    fn read<R, D>(row: &'r R) -> Result<Self, sqlx::Error>
    where
        D: Database,
        R: Row<Database = D>,
        usize: ColumnIndex<R>,
        &'r str: Decode<'r, D> + Type<D>,
        i64: Decode<'r, D> + Type<D>,
    {
        Ok(Self {
            now: row.try_get(0)?,
            state: row.try_get(1)?,
            claim_id: row.try_get(2)?,
            fence: row.try_get(3)?,
            attempts: row.try_get(4)?,
            fingerprint: row.try_get(5)?,
            fingerprint_version: row.try_get(6)?,
            abandoned: row.try_get(7)?,
            lease_until: row.try_get(8)?,
            expires_at: row.try_get(9)?,
            codec: row.try_get(10)?,
            outcome_version: row.try_get(11)?,
            outcome: row.try_get(12)?,
            created_at: row.try_get(13)?,
            updated_at: row.try_get(14)?,
        })
    }

    fn record(&self, state: &str, key: &Key) -> Result<Record, StoreError> {
        Ok(Record {
            key: key.clone(),
            state: self.state(state)?,
            claim_id: self.claim_id.map(claim_id).transpose()?,
            fence: Fence::from_number(present("fence", self.fence)?),
            attempts: number("attempts", self.attempts)?,
            fingerprint: self.fingerprint()?,
            expires_at: instant("expires_at", self.expires_at)?,
            created_at: instant("created_at", self.created_at)?,
            updated_at: instant("updated_at", self.updated_at)?,
        })
    }

    fn state(&self, name: &str) -> Result<State, StoreError> {
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

    fn outcome(&self, kind: OutcomeKind) -> Result<Outcome, StoreError> {
        Ok(Outcome {
            kind,
            codec: named("codec", self.codec, Codec::from_name)?,
            version: number("outcome_version", self.outcome_version)?,
            text: present("outcome", self.outcome)?.into(),
        })
    }

    fn fingerprint(&self) -> Result<Option<Fingerprint>, StoreError> {
        let Some(text) = self.fingerprint else {
            return Ok(None);
        };
        let version = number("fingerprint_version", self.fingerprint_version)?;
        let digest =
            hex::decode(text).ok_or_else(|| StoreError::corrupt("`fingerprint` is not 64 lower-case hex digits"))?;
        Ok(Some(Fingerprint::from_stored(version, digest)))
    }
}

fn present<T>(column: &str, value: Option<T>) -> Result<T, StoreError> {
    value.ok_or_else(|| StoreError::corrupt(format!("`{column}` is null")))
}

fn instant(column: &str, value: Option<i64>) -> Result<Timestamp, StoreError> {
    present(column, value).map(Timestamp::from_micros)
}

fn number<T: TryFrom<i64>>(column: &str, value: Option<i64>) -> Result<T, StoreError> {
    let value = present(column, value)?;
    T::try_from(value).map_err(|_| StoreError::corrupt(format!("`{column}` is {value}")))
}

fn named<T>(column: &str, value: Option<&str>, of: impl Fn(&str) -> Option<T>) -> Result<T, StoreError> {
    let name = present(column, value)?;
    of(name).ok_or_else(|| StoreError::corrupt(format!("`{column}` is `{}`", name.escape_debug())))
}

fn claim_id(text: &str) -> Result<ClaimId, StoreError> {
    hex::decode(text)
        .map(ClaimId::from_bytes)
        .ok_or_else(|| StoreError::corrupt("`claim_id` is not 32 lower-case hex digits"))
}
