//! A row of the table, as text and integers, and the [`Record`] that it is.
//!
//! The columns are the same in every database, and so are the words in them.

use idem_core::{Codec, Key, Observed, Record, Scope, StoreError, StoredRecord, Timestamp};
use sqlx::{ColumnIndex, Decode, Row, Type};

use crate::values::OMITTED;

/// Names the columns once, so that the list for SQL and what reads a row by ordinals cannot drift apart.
///
/// ```text
/// // Input:
/// columns! { state, fence }
/// // Output:
/// const COLUMNS: &str = "state, fence";
/// fn stored(cells: &mut Cells<'_, R>) -> Result<StoredRecord<'_>, sqlx::Error> {
///     Ok(StoredRecord { state: cells.next()?, fence: cells.next()? })
/// }
/// ```
macro_rules! columns {
    ($first:ident, $($column:ident,)*) => {
        /// The columns that [`read`] expects after the clock, in its order.
        pub(crate) const COLUMNS: &str = concat!(stringify!($first), $(", ", stringify!($column)),*);

        /// How many those are.
        pub(crate) const COLUMN_COUNT: usize = [stringify!($first), $(stringify!($column)),*].len();

        fn stored<'r, R: Row>(cells: &mut Cells<'r, R>) -> Result<StoredRecord<'r>, sqlx::Error>
        where
            usize: ColumnIndex<R>,
            &'r str: Decode<'r, R::Database> + Type<R::Database>,
            i64: Decode<'r, R::Database> + Type<R::Database>,
        {
            // The fields of an expression are evaluated as they are written: in the order of the columns.
            Ok(StoredRecord { $first: cells.next()?, $($column: cells.next()?,)* })
        }
    };
}

columns! {
    state,
    claim_id,
    fence,
    attempts,
    fingerprint,
    fingerprint_version,
    abandoned,
    lease_until,
    expires_at,
    codec,
    outcome_version,
    outcome,
    created_at,
    updated_at,
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
/// Corrupt, if no release of this library wrote this value.
pub(crate) fn read<'r, R>(row: &'r R, key: &Key) -> Result<Found, StoreError>
where
    R: Row,
    usize: ColumnIndex<R>,
    &'r str: Decode<'r, R::Database> + Type<R::Database>,
    i64: Decode<'r, R::Database> + Type<R::Database>,
{
    let mut cells = Cells { row, ordinal: 0 };
    let now = cells.next().map(Timestamp::from_micros).map_err(unreadable)?;
    let mut stored = stored(&mut cells).map_err(unreadable)?;
    if stored.codec == Some(Codec::Omitted.name()) && stored.outcome == Some(OMITTED) {
        stored.outcome = Some("");
    }
    Ok(Found { record: stored.read(key)?, now })
}

/// A record that a query found by something else than its key.
#[derive(Debug)]
pub(crate) struct Listed {
    pub(crate) key: Key,
    pub(crate) found: Result<Found, StoreError>,
}

/// Reads what [`read`] does, and then a scope and the text of a key.
///
/// # Errors
///
/// Corrupt, if these are not.
pub(crate) fn list<'r, R>(row: &'r R) -> Result<Listed, StoreError>
where
    R: Row,
    usize: ColumnIndex<R>,
    &'r str: Decode<'r, R::Database> + Type<R::Database>,
    i64: Decode<'r, R::Database> + Type<R::Database>,
{
    let mut cells = Cells { row, ordinal: COLUMN_COUNT + 1 };
    let scope: &str = cells.next().map_err(unreadable)?;
    let key: &str = cells.next().map_err(unreadable)?;
    let scope = Scope::new(scope.to_owned()).map_err(|error| StoreError::corrupt(error.to_string()))?;
    let key = Key::from_stored(scope, key);
    let found = read(row, &key);
    Ok(Listed { key, found })
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

/// A value of another type than the column's, or a row of another width.
#[expect(clippy::needless_pass_by_value, reason = "for `map_err`")]
fn unreadable(error: sqlx::Error) -> StoreError {
    StoreError::corrupt(error.to_string())
}
