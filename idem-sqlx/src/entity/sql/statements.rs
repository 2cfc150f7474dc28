//! The statements of rows, transitions apart: what is said, each in one place.

use super::clauses::{Given, List, addressed, alive, assigned, columns, guarded, natural, written};
use super::columns::triggers;
use super::text::{Text, composed};
use crate::entity::facts::describe::{Role, SoftDeletion, Table};
use crate::entity::row::lock::{RowLocks, Strength, Wait};

composed! {
    /// Reads a row. Values: the address.
    Select<T, DB> = |text| {
        select(text, &T::TABLE);
        addressed(text, &T::TABLE);
        alive(text, &T::TABLE);
    }

    /// Reads a row as it is by now, after a write has not found it. Values: the address.
    SelectCurrent<T, DB> = |text| {
        select(text, &T::TABLE);
        addressed(text, &T::TABLE);
        alive(text, &T::TABLE);
        text.push(text.dialect().current_read);
    }

    /// Reads a row that the same transaction has just written, deleted or not. Values: the address.
    SelectWritten<T, DB> = |text| {
        select(text, &T::TABLE);
        addressed(text, &T::TABLE);
    }

    /// Reads the row that the same transaction has just inserted, whose id it does not know. Values: the natural columns.
    SelectInserted<T, DB> = |text| {
        select(text, &T::TABLE);
        natural(text, &T::TABLE);
    }

    /// Reads the row that an insert found in its way. Values: the natural columns.
    SelectNatural<T, DB> = |text| {
        select(text, &T::TABLE);
        natural(text, &T::TABLE);
        alive(text, &T::TABLE);
        text.push(text.dialect().current_read);
    }

    /// Reads a row and locks it. Values: the address.
    SelectLocked<T, DB: RowLocks, S: Strength, W: Wait> = |text| {
        select(text, &T::TABLE);
        addressed(text, &T::TABLE);
        alive(text, &T::TABLE);
        text.push(DB::CLAUSES[S::INDEX][W::INDEX]);
    }

    /// Writes the data of a row. Values: the data, the address, the guard.
    Update<T, DB> = |text| {
        update(text, &T::TABLE);
        let mut list = List::new(", ");
        assigned(text, &mut list, &T::TABLE, Given::Data);
        written(text, &mut list, &T::TABLE);
        addressed(text, &T::TABLE);
        alive(text, &T::TABLE);
        guarded(text, &T::TABLE);
        returning(text, &T::TABLE);
    }

    /// Deletes a row, or marks it as deleted. Values: the address, the guard.
    Delete<T, DB> = |text| {
        delete(text, &T::TABLE);
        addressed(text, &T::TABLE);
        alive(text, &T::TABLE);
        guarded(text, &T::TABLE);
    }

    /// Inserts a row, unless a unique constraint is in its way. Values: those that the database does not make.
    Insert<T, DB> = |text| {
        insert(text, &T::TABLE, Given::New);
        text.push(text.dialect().or_nothing);
        returning(text, &T::TABLE);
    }

    /// Writes a row whose life is elsewhere, if it is newer. Values: all but the address, the address, the version.
    ApplyNewer<T, DB> = |text| {
        update(text, &T::TABLE);
        assigned(text, &mut List::new(", "), &T::TABLE, Given::Copied);
        addressed(text, &T::TABLE);
        alive(text, &T::TABLE);
        older(text, &T::TABLE);
        returning(text, &T::TABLE);
    }
}

const fn select<const CAPACITY: usize>(text: &mut Text<CAPACITY>, table: &Table) {
    text.push("SELECT ");
    columns(text, table);
    text.push(" FROM ");
    text.table(table.name);
}

const fn update<const CAPACITY: usize>(text: &mut Text<CAPACITY>, table: &Table) {
    text.push("UPDATE ");
    text.table(table.name);
    text.push(" SET ");
}

pub(super) const fn returning<const CAPACITY: usize>(text: &mut Text<CAPACITY>, table: &Table) {
    if text.dialect().returning {
        text.push(" RETURNING ");
        columns(text, table);
        triggers(text, table);
    }
}

/// `DELETE FROM "orders"`, or `UPDATE "orders" SET "deleted_at" = CURRENT_TIMESTAMP, …`.
const fn delete<const CAPACITY: usize>(text: &mut Text<CAPACITY>, table: &Table) {
    let mut index = 0;
    while index < table.columns.len() {
        let column = table.columns[index];
        if let Role::SoftDelete(kind) = column.role {
            update(text, table);
            text.name(column.name);
            text.push(" = ");
            text.push(match kind {
                SoftDeletion::Flag => "TRUE",
                SoftDeletion::Timestamp => text.dialect().now,
            });
            written(text, &mut List::begun(", "), table);
            return;
        }
        index += 1;
    }
    text.push("DELETE FROM ");
    text.table(table.name);
}

/// `INSERT INTO "orders" ("id", "created_at") VALUES ($1, CURRENT_TIMESTAMP)`
pub(super) const fn insert<const CAPACITY: usize>(text: &mut Text<CAPACITY>, table: &Table, given: Given) {
    text.push("INSERT INTO ");
    text.table(table.name);
    text.push(" (");
    let mut list = List::new(", ");
    let mut index = 0;
    while index < table.columns.len() {
        if !table.columns[index].role.is_generated() {
            list.next(text);
            text.name(table.columns[index].name);
        }
        index += 1;
    }
    text.push(") VALUES (");
    let mut list = List::new(", ");
    let mut index = 0;
    while index < table.columns.len() {
        let role = table.columns[index].role;
        if !role.is_generated() {
            list.next(text);
            if given.has(role) {
                text.parameter();
            } else {
                text.push(text.dialect().now);
            }
        }
        index += 1;
    }
    text.push(")");
}

/// ` AND "version" < $9`
const fn older<const CAPACITY: usize>(text: &mut Text<CAPACITY>, table: &Table) {
    let mut index = 0;
    while index < table.columns.len() {
        if matches!(table.columns[index].role, Role::Version) {
            text.push(" AND ");
            text.name(table.columns[index].name);
            text.push(" < ");
            text.parameter();
        }
        index += 1;
    }
}
