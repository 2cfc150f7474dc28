//! The statement that inserts a row or writes it over an older version.

use super::clauses::{Given, List};
use super::statements::{insert, returning};
use super::text::{Text, composed};
use super::wanted::Wanted;
use crate::entity::facts::describe::{Role, SoftDeletion, Table};

composed! {
    /// Inserts a row whose life is elsewhere, or writes it over the row that is there if that is older. Values: all columns that
    /// the database does not make; where updates do not return, a number to be remembered if there is a row.
    InsertOrApplyNewer<T, DB> = |text| {
        insert(text, &T::TABLE, Given::Whole);
        if text.dialect().returning {
            on_conflict(text, &T::TABLE);
            returning(text, &T::TABLE);
        } else {
            on_duplicate_key(text, &T::TABLE);
        }
    }
}

/// By which columns a row is the same one: its address, or what it is known by where the database makes its id.
pub(in crate::entity) const fn identity(table: &Table) -> &'static [Wanted] {
    let mut index = 0;
    while index < table.columns.len() {
        if matches!(table.columns[index].role, Role::GeneratedId) {
            return &[Wanted::Natural];
        }
        index += 1;
    }
    &[Wanted::Tenant, Wanted::Id]
}

const fn identifies(table: &Table, index: usize) -> bool {
    let identity = identity(table);
    let mut part = 0;
    while part < identity.len() {
        if identity[part].has(table, index) {
            return true;
        }
        part += 1;
    }
    false
}

/// ` ON CONFLICT ("id") DO UPDATE SET "name" = EXCLUDED."name", … WHERE "orders"."version" < EXCLUDED."version"`
const fn on_conflict<const CAPACITY: usize>(text: &mut Text<CAPACITY>, table: &Table) {
    text.push(" ON CONFLICT (");
    let mut list = List::new(", ");
    let mut index = 0;
    while index < table.columns.len() {
        if identifies(table, index) {
            list.next(text);
            text.name(table.columns[index].name);
        }
        index += 1;
    }
    text.push(") DO UPDATE SET ");
    let mut list = List::new(", ");
    let mut index = 0;
    while index < table.columns.len() {
        let column = table.columns[index];
        if Given::Copied.has(column.role) {
            list.next(text);
            text.name(column.name);
            text.push(" = EXCLUDED.");
            text.name(column.name);
        }
        index += 1;
    }
    text.push(" WHERE ");
    let mut list = List::new(" AND ");
    let mut index = 0;
    while index < table.columns.len() {
        let column = table.columns[index];
        match column.role {
            Role::Version => {
                list.next(text);
                qualified(text, table, column.name);
                text.push(" < EXCLUDED.");
                text.name(column.name);
            }
            Role::SoftDelete(kind) => {
                list.next(text);
                if matches!(kind, SoftDeletion::Flag) {
                    text.push("NOT ");
                }
                qualified(text, table, column.name);
                if matches!(kind, SoftDeletion::Timestamp) {
                    text.push(" IS NULL");
                }
            }
            _ => {}
        }
        index += 1;
    }
}

const fn qualified<const CAPACITY: usize>(text: &mut Text<CAPACITY>, table: &Table, column: &str) {
    text.table(table.name);
    text.push(".");
    text.name(column);
}

/// ` ON DUPLICATE KEY UPDATE `name` = IF(`id` = VALUES(`id`) AND `version` < VALUES(`version`), VALUES(`name`), `name`), …`
///
/// Each is assigned in turn, and later ones see it: the mark of a deletion is the first, and the version the last.
const fn on_duplicate_key<const CAPACITY: usize>(text: &mut Text<CAPACITY>, table: &Table) {
    text.push(" ON DUPLICATE KEY UPDATE ");
    let mut list = List::new(", ");
    let mut turn = 0;
    while turn < 3 {
        let mut index = 0;
        while index < table.columns.len() {
            let column = table.columns[index];
            let is_turn = match column.role {
                Role::SoftDelete(_) => turn == 0,
                Role::Version => turn == 2,
                role => turn == 1 && Given::Copied.has(role),
            };
            if is_turn {
                list.next(text);
                text.name(column.name);
                text.push(" = IF(");
                if turn == 2 {
                    text.push("LAST_INSERT_ID(");
                    text.parameter();
                    text.push(") AND ");
                }
                is_older(text, table, turn > 0);
                text.push(", ");
                incoming(text, column.name);
                text.push(", ");
                text.name(column.name);
                text.push(")");
            }
            index += 1;
        }
        turn += 1;
    }
}

/// `VALUES(`name`)`
const fn incoming<const CAPACITY: usize>(text: &mut Text<CAPACITY>, column: &str) {
    text.push("VALUES(");
    text.name(column);
    text.push(")");
}

/// Whether it is the same row, and older, and not deleted. Any unique constraint leads here, and not that of the address alone.
const fn is_older<const CAPACITY: usize>(text: &mut Text<CAPACITY>, table: &Table, may_be_marked: bool) {
    let mut list = List::new(" AND ");
    let mut index = 0;
    while index < table.columns.len() {
        let column = table.columns[index];
        if identifies(table, index) {
            list.next(text);
            text.name(column.name);
            text.push(" = ");
            incoming(text, column.name);
        }
        match column.role {
            Role::Version => {
                list.next(text);
                text.name(column.name);
                text.push(" < ");
                incoming(text, column.name);
            }
            Role::SoftDelete(kind) => {
                list.next(text);
                text.push("(");
                if matches!(kind, SoftDeletion::Flag) {
                    text.push("NOT ");
                }
                text.name(column.name);
                if matches!(kind, SoftDeletion::Timestamp) {
                    text.push(" IS NULL");
                }
                if may_be_marked {
                    text.push(" OR ");
                    text.name(column.name);
                    text.push(" <=> ");
                    incoming(text, column.name);
                }
                text.push(")");
            }
            _ => {}
        }
        index += 1;
    }
}
