//! The parts that statements are put together from.
//!
//! What binds the values of a part stands beside it, so that both go through the columns in the same order.

use super::columns::read;
use super::text::Text;
use super::wanted::{Wanted, bind_wanted, equal, guard};
use crate::entity::database::{Arguments, BindError, Database};
use crate::entity::facts::describe::{Role, SoftDeletion, Table};
use crate::entity::facts::stored::Values;

/// Which columns a statement is given the values of.
#[derive(Debug, Clone, Copy)]
pub(in crate::entity) enum Given {
    /// Those that an update writes.
    Data,
    /// Those of a new row: all but what the database makes, which are generated columns and the times.
    New,
    /// Those of a row whose life is elsewhere: all but its address and generated columns.
    Copied,
    /// Those of a new row whose life is elsewhere: all but generated columns.
    Whole,
}

impl Given {
    /// Whether the column is one of them.
    pub(super) const fn has(self, role: Role) -> bool {
        match self {
            Self::Data => matches!(role, Role::Data),
            Self::New => !role.is_generated() && !matches!(role, Role::CreatedAt | Role::UpdatedAt),
            Self::Copied => !role.is_address() && !role.is_generated(),
            Self::Whole => !role.is_generated(),
        }
    }
}

/// Puts a separator before every item but the first.
pub(in crate::entity) struct List {
    separator: &'static str,
    is_empty: bool,
}

impl List {
    pub(in crate::entity) const fn new(separator: &'static str) -> Self {
        Self { separator, is_empty: true }
    }

    /// A list that goes on with what is there already.
    pub(in crate::entity) const fn begun(separator: &'static str) -> Self {
        Self { separator, is_empty: false }
    }

    pub(in crate::entity) const fn next<const CAPACITY: usize>(&mut self, text: &mut Text<CAPACITY>) {
        if !self.is_empty {
            text.push(self.separator);
        }
        self.is_empty = false;
    }
}

/// `"id", "tenant_id", CAST("status" AS text) AS "status"`: all columns, by name.
pub(in crate::entity) const fn columns<const CAPACITY: usize>(text: &mut Text<CAPACITY>, table: &Table) {
    let mut list = List::new(", ");
    let mut index = 0;
    while index < table.columns.len() {
        let column = table.columns[index];
        list.next(text);
        if matches!(column.role, Role::State(_)) && text.dialect().states_as_text {
            read(text, column.name);
            text.push(" AS ");
        }
        text.name(column.name);
        index += 1;
    }
}

/// `"name" = $1, "address" = $2`, going on with a list.
pub(in crate::entity) const fn assigned<const CAPACITY: usize>(
    text: &mut Text<CAPACITY>,
    list: &mut List,
    table: &Table,
    given: Given,
) {
    let mut index = 0;
    while index < table.columns.len() {
        let column = table.columns[index];
        if given.has(column.role) {
            list.next(text);
            text.name(column.name);
            text.push(" = ");
            text.parameter();
        }
        index += 1;
    }
}

/// The values of [`assigned`].
pub(in crate::entity) fn bind_given<T, DB>(
    row: &T,
    given: Given,
    arguments: &mut Arguments<DB>,
) -> Result<(), BindError>
where
    T: Values<DB>,
    DB: Database,
{
    for (index, column) in T::TABLE.columns.iter().enumerate() {
        if given.has(column.role) {
            row.bind(index, arguments)?;
        }
    }
    Ok(())
}

/// `"version" = "version" + 1, "updated_at" = CURRENT_TIMESTAMP`, going on with a list.
pub(in crate::entity) const fn written<const CAPACITY: usize>(
    text: &mut Text<CAPACITY>,
    list: &mut List,
    table: &Table,
) {
    let mut index = 0;
    while index < table.columns.len() {
        let column = table.columns[index];
        if matches!(column.role, Role::Version | Role::UpdatedAt) {
            list.next(text);
            text.name(column.name);
            text.push(" = ");
            if matches!(column.role, Role::Version) {
                text.name(column.name);
                text.push(" + 1");
            } else {
                text.push(text.dialect().now);
            }
        }
        index += 1;
    }
}

/// ` WHERE "tenant_id" = $1 AND "id" = $2`: a row, whether it counts as deleted or not.
pub(in crate::entity) const fn addressed<const CAPACITY: usize>(text: &mut Text<CAPACITY>, table: &Table) {
    text.push(" WHERE ");
    let mut list = List::new(" AND ");
    equal(text, &mut list, table, Wanted::Tenant);
    equal(text, &mut list, table, Wanted::Id);
}

/// ` AND "deleted_at" IS NULL`, if the table marks rows as deleted.
pub(in crate::entity) const fn alive<const CAPACITY: usize>(text: &mut Text<CAPACITY>, table: &Table) {
    let mut index = 0;
    while index < table.columns.len() {
        let column = table.columns[index];
        if let Role::SoftDelete(kind) = column.role {
            text.push(" AND ");
            match kind {
                SoftDeletion::Flag => {
                    text.push("NOT ");
                    text.name(column.name);
                }
                SoftDeletion::Timestamp => {
                    text.name(column.name);
                    text.push(" IS NULL");
                }
            }
        }
        index += 1;
    }
}

/// ` AND "version" = $3`, or the states where there is no version, or nothing: then the last write wins.
pub(in crate::entity) const fn guarded<const CAPACITY: usize>(text: &mut Text<CAPACITY>, table: &Table) {
    let mut list = List::begun(" AND ");
    equal(text, &mut list, table, guard(table));
}

/// The values of [`guarded`].
pub(in crate::entity) fn bind_guard<T, DB>(row: &T, arguments: &mut Arguments<DB>) -> Result<(), BindError>
where
    T: Values<DB>,
    DB: Database,
{
    bind_wanted(row, guard(&T::TABLE), arguments)
}

/// Which row is inserted at most once: that of a tenant, with the values of the unique columns.
pub(in crate::entity) const fn natural<const CAPACITY: usize>(text: &mut Text<CAPACITY>, table: &Table) {
    text.push(" WHERE ");
    let mut list = List::new(" AND ");
    equal(text, &mut list, table, Wanted::Natural);
}

/// The values of [`natural`].
pub(in crate::entity) fn bind_natural<T, DB>(row: &T, arguments: &mut Arguments<DB>) -> Result<(), BindError>
where
    T: Values<DB>,
    DB: Database,
{
    bind_wanted(row, Wanted::Natural, arguments)
}
