//! An entity that is known by a number of its own.

use chrono::{DateTime, Utc};
use idem_sqlx::entity::{
    Arguments, BindError, Database, HasVersion, Role, SoftDeletion, Table, Value, Values, Versioned, add, never_bound,
};
use sqlx::FromRow;

use super::{column, first_difference};

/// Known by a number of its own, which is unique beside its id. Deleted rows are marked by when they were.
#[derive(Debug, Clone, PartialEq, FromRow)]
pub(crate) struct Note {
    pub(crate) id: i64,
    pub(crate) number: String,
    pub(crate) slug: String,
    pub(crate) version: i32,
    pub(crate) body: String,
    pub(crate) deleted_at: Option<DateTime<Utc>>,
}

impl Note {
    pub(crate) fn new(id: i64, number: &str) -> Self {
        let (number, slug) = (number.to_owned(), format!("slug of {id}"));
        Self { id, number, slug, version: 1, body: String::new(), deleted_at: None }
    }
}

impl Versioned for Note {
    type Address = i64;

    const TABLE: Table = Table {
        name: "notes",
        audit: None,
        columns: &[
            column("id", Role::Id),
            column("number", Role::Readonly),
            column("slug", Role::Data),
            column("version", Role::Version),
            column("body", Role::Data),
            column("deleted_at", Role::SoftDelete(SoftDeletion::Timestamp)),
        ],
        natural: &["number"],
    };

    fn address(&self) -> i64 {
        self.id
    }

    fn version(&self) -> Option<i64> {
        Some(self.version.into())
    }

    fn fixed_difference(&self, draft: &Self) -> Option<&'static str> {
        first_difference!(self, draft; id number version deleted_at)
    }

    fn is_unchanged(&self, draft: &Self) -> bool {
        self.slug == draft.slug && self.body == draft.body
    }
}

impl<DB: Database> Values<DB> for Note
where
    i64: Value<DB>,
    i32: Value<DB>,
    String: Value<DB>,
    Option<DateTime<Utc>>: Value<DB>,
{
    fn bind_address(address: &i64, arguments: &mut Arguments<DB>) -> Result<(), BindError> {
        add::<DB, i64>(arguments, address)
    }

    fn bind(&self, column: usize, arguments: &mut Arguments<DB>) -> Result<(), BindError> {
        match column {
            0 => add::<DB, i64>(arguments, &self.id),
            1 => add::<DB, String>(arguments, &self.number),
            2 => add::<DB, String>(arguments, &self.slug),
            3 => add::<DB, i32>(arguments, &self.version),
            4 => add::<DB, String>(arguments, &self.body),
            5 => add::<DB, Option<DateTime<Utc>>>(arguments, &self.deleted_at),
            _ => never_bound(column),
        }
    }
}

impl HasVersion for Note {}
