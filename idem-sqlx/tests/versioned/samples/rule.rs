//! An entity with neither.

use idem_sqlx::entity::{Arguments, BindError, Database, Role, Table, Value, Values, Versioned, add, never_bound};
use sqlx::FromRow;

use super::{column, first_difference};

/// Neither version nor state: the last write wins. Its id is composite.
#[derive(Debug, Clone, PartialEq, FromRow)]
pub(crate) struct Rule {
    pub(crate) area: String,
    pub(crate) name: String,
    pub(crate) value: String,
}

impl Rule {
    pub(crate) fn new(area: &str, name: &str, value: &str) -> Self {
        Self { area: area.to_owned(), name: name.to_owned(), value: value.to_owned() }
    }
}

impl Versioned for Rule {
    type Address = (String, String);

    const TABLE: Table = Table {
        name: "rules",
        audit: None,
        columns: &[column("area", Role::Id), column("name", Role::Id), column("value", Role::Data)],
        natural: &["area", "name"],
    };

    fn address(&self) -> Self::Address {
        (self.area.clone(), self.name.clone())
    }

    fn version(&self) -> Option<i64> {
        None
    }

    fn fixed_difference(&self, draft: &Self) -> Option<&'static str> {
        first_difference!(self, draft; area name)
    }

    fn is_unchanged(&self, draft: &Self) -> bool {
        self.value == draft.value
    }
}

impl<DB: Database> Values<DB> for Rule
where
    String: Value<DB>,
{
    fn bind_address(address: &Self::Address, arguments: &mut Arguments<DB>) -> Result<(), BindError> {
        add::<DB, String>(arguments, &address.0)?;
        add::<DB, String>(arguments, &address.1)
    }

    fn bind(&self, column: usize, arguments: &mut Arguments<DB>) -> Result<(), BindError> {
        match column {
            0 => add::<DB, String>(arguments, &self.area),
            1 => add::<DB, String>(arguments, &self.name),
            2 => add::<DB, String>(arguments, &self.value),
            _ => never_bound(column),
        }
    }
}
