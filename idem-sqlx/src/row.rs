//! A row of the table, as text and integers, and the [`Record`] that it is.
//!
//! The columns are the same in every database, and so are the words in them.

use idem_core::{
    Abandoned, ClaimId, Codec, Fence, Fingerprint, Key, Observed, Outcome, OutcomeKind, Record, State, StoreError,
    Timestamp,
};
use sqlx::{ColumnIndex, Decode, Row, Type};

use crate::hex;

/// Names the columns once, so that the list for SQL and what reads a row by ordinals cannot drift apart.
///
/// ```text
/// // Input:
/// struct Columns<'r> { state: &'r str, fence: i64 }
/// // Output, and its `read`:
/// const COLUMNS: &str = "state, fence";
/// struct Columns<'r> { state: Option<&'r str>, fence: Option<i64> }
/// ```
macro_rules! columns {
    (struct $columns:ident<$row:lifetime> { $first:ident: $first_type:ty, $($column:ident: $type:ty,)* }) => {
        /// The columns that [`read`] expects after the clock, in its order.
        pub(crate) const COLUMNS: &str = concat!(stringify!($first), $(", ", stringify!($column)),*);

        /// How many those are.
        #[cfg(any(feature = "postgres", feature = "mysql"))]
        pub(crate) const COLUMN_COUNT: usize = [stringify!($first), $(stringify!($column)),*].len();

        /// The columns as they are.
        struct $columns<$row> {
            $first: Option<$first_type>,
            $($column: Option<$type>,)*
        }

        impl<$row> $columns<$row> {
            fn read<R: Row>(cells: &mut Cells<$row, R>) -> Result<Self, sqlx::Error>
            where
                usize: ColumnIndex<R>,
                &$row str: Decode<$row, R::Database> + Type<R::Database>,
                i64: Decode<$row, R::Database> + Type<R::Database>,
            {
                // The fields of an expression are evaluated as they are written: in the order of the columns.
                Ok(Self { $first: cells.next()?, $($column: cells.next()?,)* })
            }
        }
    };
}

columns! {
    struct Columns<'r> {
        state: &'r str,
        claim_id: &'r str,
        fence: i64,
        attempts: i64,
        fingerprint: &'r str,
        fingerprint_version: i64,
        abandoned: &'r str,
        lease_until: i64,
        expires_at: i64,
        codec: &'r str,
        outcome_version: i64,
        outcome: &'r str,
        created_at: i64,
        updated_at: i64,
    }
}

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
    let mut cells = Cells { row, ordinal: 0 };
    let now = cells.next().map(Timestamp::from_micros).map_err(unreadable)?;
    let columns = Columns::read(&mut cells).map_err(unreadable)?;
    let Some(state) = columns.state else {
        return Ok(Found { record: None, now });
    };
    Ok(Found { record: Some(columns.record(state, key)?), now })
}

/// Goes through the cells of a row, from the first.
struct Cells<'r, R> {
    row: &'r R,
    ordinal: usize,
}

impl<'r, R: Row> Cells<'r, R> {
    fn next<T>(&mut self) -> Result<T, sqlx::Error>
    where
        usize: ColumnIndex<R>,
        T: Decode<'r, R::Database> + Type<R::Database>,
    {
        let ordinal = self.ordinal;
        self.ordinal += 1;
        self.row.try_get(ordinal)
    }
}

impl Columns<'_> {
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

/// A value of another type than the column's, or a row of another width.
#[expect(clippy::needless_pass_by_value, reason = "for `map_err`")]
fn unreadable(error: sqlx::Error) -> StoreError {
    StoreError::corrupt(error.to_string())
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
