//! A row of the table, as text and integers, and the [`Record`] that it is.
//!
//! The columns are the same in every database, and so are the words in them.

use idem_core::{Codec, Key, Observed, Record, Scope, StoreError, StoredRecord, Timestamp};
use sqlx::error::BoxDynError;
use sqlx::{ColumnIndex, Database, Decode, Row, Type};

use crate::values::OMITTED;

/// Names the columns once, so that the list for SQL and what reads a row by ordinals cannot drift apart.
///
/// ```text
/// // Input:
/// columns! { state: text, fence: number }
/// // Output:
/// const COLUMNS: [(&str, bool); 2] = [("state", true), ("fence", false)];
/// fn stored(cells: &mut Cells<'_, R>) -> Result<StoredRecord<'_>, sqlx::Error> {
///     Ok(StoredRecord { state: cells.text()?, fence: cells.number()? })
/// }
/// ```
macro_rules! columns {
    ($($column:ident: $kind:ident,)*) => {
        /// The columns that [`read`] expects after the clock, in its order, and whether they are texts.
        const COLUMNS: [(&str, bool); COLUMN_COUNT] =
            [$((stringify!($column), matches!(stringify!($kind).as_bytes(), b"text"))),*];

        /// How many those are.
        pub(crate) const COLUMN_COUNT: usize = [$(stringify!($column)),*].len();

        fn stored<'r, R: Row>(cells: &mut Cells<'r, R>) -> Result<StoredRecord<'r>, sqlx::Error>
        where
            usize: ColumnIndex<R>,
            &'r str: Decode<'r, R::Database>,
            str: Type<R::Database>,
            [u8]: Type<R::Database>,
            i64: Decode<'r, R::Database> + Type<R::Database>,
        {
            // The fields of an expression are evaluated as they are written: in the order of the columns.
            Ok(StoredRecord { $($column: cells.$kind()?,)* })
        }
    };
}

columns! {
    state: text,
    claim_id: text,
    fence: number,
    attempts: number,
    fingerprint: text,
    fingerprint_version: number,
    abandoned: text,
    lease_until: number,
    expires_at: number,
    codec: text,
    outcome_version: number,
    outcome: text,
    created_at: number,
    updated_at: number,
}

/// The columns as a statement asks for them, with `from` and `to` around those that are texts.
pub(crate) fn columns((from, to): (&str, &str)) -> String {
    let columns =
        COLUMNS.map(|(column, is_text)| if is_text { format!("{from}{column}{to}") } else { column.to_owned() });
    columns.join(", ")
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
    &'r str: Decode<'r, R::Database>,
    str: Type<R::Database>,
    [u8]: Type<R::Database>,
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
    &'r str: Decode<'r, R::Database>,
    str: Type<R::Database>,
    [u8]: Type<R::Database>,
    i64: Decode<'r, R::Database> + Type<R::Database>,
{
    let mut cells = Cells { row, ordinal: COLUMN_COUNT + 1 };
    let Text(scope) = cells.next().map_err(unreadable)?;
    let Text(key) = cells.next().map_err(unreadable)?;
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

impl<'r, R: Row> Cells<'r, R>
where
    usize: ColumnIndex<R>,
{
    fn text(&mut self) -> Result<Option<&'r str>, sqlx::Error>
    where
        &'r str: Decode<'r, R::Database>,
        str: Type<R::Database>,
        [u8]: Type<R::Database>,
    {
        Ok(self.next::<Option<Text<'r>>>()?.map(|Text(text)| text))
    }

    fn number(&mut self) -> Result<Option<i64>, sqlx::Error>
    where
        i64: Decode<'r, R::Database> + Type<R::Database>,
    {
        self.next()
    }

    fn next<T>(&mut self) -> Result<T, sqlx::Error>
    where
        T: Decode<'r, R::Database> + Type<R::Database>,
    {
        let ordinal = self.ordinal;
        self.ordinal += 1;
        self.row.try_get(ordinal)
    }
}

/// A text, or the bytes of one in UTF-8.
struct Text<'r>(&'r str);

impl<DB: Database> Type<DB> for Text<'_>
where
    str: Type<DB>,
    [u8]: Type<DB>,
{
    fn type_info() -> DB::TypeInfo {
        <str as Type<DB>>::type_info()
    }

    fn compatible(found: &DB::TypeInfo) -> bool {
        <str as Type<DB>>::compatible(found) || <[u8] as Type<DB>>::compatible(found)
    }
}

impl<'r, DB: Database> Decode<'r, DB> for Text<'r>
where
    &'r str: Decode<'r, DB>,
{
    fn decode(value: DB::ValueRef<'r>) -> Result<Self, BoxDynError> {
        <&str as Decode<'r, DB>>::decode(value).map(Self)
    }
}

/// A value of another type than the column's, or a row of another width.
#[expect(clippy::needless_pass_by_value, reason = "for `map_err`")]
fn unreadable(error: sqlx::Error) -> StoreError {
    StoreError::corrupt(error.to_string())
}
