//! An entity with a state and no version.

use idem_sqlx::entity::{
    Arguments, BindError, Database, Role, SoftDeletion, Table, Value, Values, Versioned, add, never_bound,
};
use sqlx::FromRow;

use super::{column, first_difference};

/// No version: its updates are guarded by its state. Deleted rows are marked by a flag. Its name is a keyword.
#[derive(Debug, Clone, PartialEq, FromRow)]
pub(crate) struct Ticket {
    pub(crate) id: String,
    pub(crate) state: String,
    pub(crate) order: String,
    pub(crate) is_deleted: bool,
}

impl Ticket {
    pub(crate) fn new(id: &str) -> Self {
        Self { id: id.to_owned(), state: "open".to_owned(), order: "1".to_owned(), is_deleted: false }
    }
}

impl Versioned for Ticket {
    type Address = String;

    const TABLE: Table = Table {
        name: "tickets",
        audit: None,
        columns: &[
            column("id", Role::Id),
            column("state", Role::State(&[])),
            column("order", Role::Data),
            column("is_deleted", Role::SoftDelete(SoftDeletion::Flag)),
        ],
        natural: &["id"],
    };

    fn address(&self) -> String {
        self.id.clone()
    }

    fn version(&self) -> Option<i64> {
        None
    }

    fn fixed_difference(&self, draft: &Self) -> Option<&'static str> {
        first_difference!(self, draft; id state is_deleted)
    }

    fn is_unchanged(&self, draft: &Self) -> bool {
        self.order == draft.order
    }
}

impl<DB: Database> Values<DB> for Ticket
where
    String: Value<DB>,
    bool: Value<DB>,
{
    fn bind_address(address: &String, arguments: &mut Arguments<DB>) -> Result<(), BindError> {
        add::<DB, String>(arguments, address)
    }

    fn bind(&self, column: usize, arguments: &mut Arguments<DB>) -> Result<(), BindError> {
        match column {
            0 => add::<DB, String>(arguments, &self.id),
            1 => add::<DB, String>(arguments, &self.state),
            2 => add::<DB, String>(arguments, &self.order),
            3 => add::<DB, bool>(arguments, &self.is_deleted),
            _ => never_bound(column),
        }
    }
}
