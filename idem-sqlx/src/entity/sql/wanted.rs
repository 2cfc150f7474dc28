//! The columns that a row is found by.

use idem_core::machine::Code;

use super::clauses::List;
use super::columns::{compared, equals};
use super::text::Text;
use crate::entity::database::{Arguments, BindError, Database};
use crate::entity::facts::describe::{Role, Table};
use crate::entity::facts::stored::Values;

/// Columns that a row is found by.
#[derive(Debug, Clone, Copy)]
pub(in crate::entity) enum Wanted {
    Tenant,
    Id,
    Version,
    States,
    Natural,
}

impl Wanted {
    pub(in crate::entity) const fn has(self, table: &Table, index: usize) -> bool {
        let column = table.columns[index];
        match self {
            Self::Tenant => matches!(column.role, Role::Tenant),
            Self::Id => matches!(column.role, Role::Id | Role::GeneratedId),
            Self::Version => matches!(column.role, Role::Version),
            Self::States => matches!(column.role, Role::State(_)),
            Self::Natural => matches!(column.role, Role::Tenant) || is_listed(table.natural, column.name),
        }
    }
}

/// What an update of a row is guarded by.
pub(in crate::entity) const fn guard(table: &Table) -> Wanted {
    let mut index = 0;
    while index < table.columns.len() {
        if matches!(table.columns[index].role, Role::Version) {
            return Wanted::Version;
        }
        index += 1;
    }
    Wanted::States
}

/// `"version" = $3`, going on with a list. A state is compared by [`written`].
pub(in crate::entity) const fn equal<const CAPACITY: usize>(
    text: &mut Text<CAPACITY>,
    list: &mut List,
    table: &Table,
    wanted: Wanted,
) {
    let mut index = 0;
    while index < table.columns.len() {
        if wanted.has(table, index) {
            list.next(text);
            let column = table.columns[index];
            match column.role {
                Role::State([]) => equals(text, column.name),
                Role::State(aliases) => {
                    written(text, column.name, aliases);
                    text.push(" = ");
                    text.parameter();
                }
                _ => {
                    text.name(column.name);
                    text.push(" = ");
                    text.parameter();
                }
            }
        }
        index += 1;
    }
}

/// `CASE "status" WHEN 'canceled' THEN 'cancelled' ELSE "status" END`: what would be written for what the row holds.
const fn written<const CAPACITY: usize>(text: &mut Text<CAPACITY>, column: &str, aliases: &[(Code, Code)]) {
    text.push("CASE ");
    compared(text, column, aliases[0].0);
    let mut index = 0;
    while index < aliases.len() {
        let (alias, code) = aliases[index];
        text.push(" WHEN ");
        text.code(alias);
        text.push(" THEN ");
        text.code(code);
        index += 1;
    }
    text.push(" ELSE ");
    compared(text, column, aliases[0].0);
    text.push(" END");
}

/// The values of [`equal`].
pub(in crate::entity) fn bind_wanted<T, DB>(
    row: &T,
    wanted: Wanted,
    arguments: &mut Arguments<DB>,
) -> Result<(), BindError>
where
    T: Values<DB>,
    DB: Database,
{
    for index in 0..T::TABLE.columns.len() {
        if wanted.has(&T::TABLE, index) {
            row.bind(index, arguments)?;
        }
    }
    Ok(())
}

/// Whether one of the names is this one; texts are not compared by `==` at compile time.
const fn is_listed(names: &[&str], name: &str) -> bool {
    let mut index = 0;
    while index < names.len() {
        if is_same(names[index].as_bytes(), name.as_bytes()) {
            return true;
        }
        index += 1;
    }
    false
}

const fn is_same(one: &[u8], other: &[u8]) -> bool {
    if one.len() != other.len() {
        return false;
    }
    let mut index = 0;
    while index < one.len() {
        if one[index] != other[index] {
            return false;
        }
        index += 1;
    }
    true
}
