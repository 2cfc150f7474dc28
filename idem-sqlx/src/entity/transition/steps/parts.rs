//! The parts that the statements of transitions are put together from.

use idem_core::machine::Move;

use crate::entity::facts::describe::{Role, Table};
use crate::entity::sql::clauses::{List, addressed, alive};
use crate::entity::sql::columns::{compared, read, triggers};
use crate::entity::sql::text::Text;

/// `UPDATE "orders" SET "status" = 'paid', "version" = "version" + 1, "updated_at" = CURRENT_TIMESTAMP`. Where updates do not return,
/// the version is given to the session to remember.
pub(super) const fn moved<const CAPACITY: usize, M>(
    text: &mut Text<CAPACITY>,
    table: &Table,
    column: usize,
    step: &Move<M>,
) {
    text.push("UPDATE ");
    text.table(table.name);
    text.push(" SET ");
    text.name(table.columns[column].name);
    text.push(" = ");
    text.code(step.target_code);
    let mut index = 0;
    while index < table.columns.len() {
        let column = table.columns[index];
        if matches!(column.role, Role::Version | Role::UpdatedAt) {
            text.push(", ");
            text.name(column.name);
            text.push(" = ");
        }
        match column.role {
            Role::Version if text.dialect().returning => next(text, column.name),
            Role::Version => {
                text.push("LAST_INSERT_ID(");
                next(text, column.name);
                text.push(")");
            }
            Role::UpdatedAt => text.push(text.dialect().now),
            _ => {}
        }
        index += 1;
    }
}

/// `"version" + 1`
pub(super) const fn next<const CAPACITY: usize>(text: &mut Text<CAPACITY>, version: &str) {
    text.name(version);
    text.push(" + 1");
}

/// A row that nothing stands against: ` WHERE "id" = $1 AND "status" = 'unpaid' AND (total > 0) IS TRUE AND "version" = $2`
pub(super) const fn meeting<const CAPACITY: usize, M>(
    text: &mut Text<CAPACITY>,
    table: &Table,
    column: usize,
    step: &Move<M>,
    is_versioned: bool,
) {
    addressed(text, table);
    alive(text, table);
    leaving(text, table, column, step);
    if let Some(guard) = step.guard_sql {
        text.push(" AND (");
        text.push(guard);
        text.push(") IS TRUE");
    }
    if let Some(version) = version(table) {
        text.push(" AND ");
        text.name(version);
        if is_versioned {
            text.push(" = ");
            text.parameter();
        } else {
            // One more than NULL is NULL.
            text.push(" IS NOT NULL");
        }
    }
}

/// The same, in an update that is to tell what the row was before: the row is locked as `idem_before`, and the update reads
/// its state from there.
pub(super) const fn from_before<const CAPACITY: usize, M>(
    text: &mut Text<CAPACITY>,
    table: &Table,
    column: usize,
    step: &Move<M>,
    is_versioned: bool,
) {
    text.push(" FROM (SELECT ");
    read(text, table.columns[column].name);
    text.push(" AS \"idem_state\"");
    before(text, table, Naming::Inside);
    text.push(" FROM ");
    text.table(table.name);
    meeting(text, table, column, step, is_versioned);
    text.push(text.dialect().for_update);
    text.push(") AS \"idem_before\" WHERE ");
    before(text, table, Naming::Outside);
}

/// How [`before`] names the columns of an address.
#[derive(Clone, Copy)]
enum Naming {
    /// `, "id" AS "idem_1"`
    Inside,
    /// `"id" = "idem_1"`
    Outside,
}

const fn before<const CAPACITY: usize>(text: &mut Text<CAPACITY>, table: &Table, naming: Naming) {
    let mut list = match naming {
        Naming::Inside => List::begun(", "),
        Naming::Outside => List::new(" AND "),
    };
    let mut number = 1;
    let mut index = 0;
    while index < table.columns.len() {
        if table.columns[index].role.is_address() {
            list.next(text);
            text.name(table.columns[index].name);
            text.push(match naming {
                Naming::Inside => " AS \"idem_",
                Naming::Outside => " = \"idem_",
            });
            text.number(number);
            text.push("\"");
            number += 1;
        }
        index += 1;
    }
}

/// ` AND "status" IN ('unpaid', 'paid')`
pub(super) const fn leaving<const CAPACITY: usize, M>(
    text: &mut Text<CAPACITY>,
    table: &Table,
    column: usize,
    step: &Move<M>,
) {
    text.push(" AND ");
    compared(text, table.columns[column].name, step.source_codes[0]);
    // One source has several codes if it has aliases.
    if step.source_codes.len() == 1 {
        text.push(" = ");
        text.code(step.source_codes[0]);
        return;
    }
    text.push(" IN (");
    let mut list = List::new(", ");
    let mut index = 0;
    while index < step.source_codes.len() {
        list.next(text);
        text.code(step.source_codes[index]);
        index += 1;
    }
    text.push(")");
}

/// ` RETURNING CAST("status" AS text), CAST("version" AS bigint), …`, where updates return.
pub(super) const fn returning<const CAPACITY: usize>(text: &mut Text<CAPACITY>, table: &Table, column: usize) {
    if text.dialect().returning {
        text.push(" RETURNING ");
        state_and_version(text, table, column);
        triggers(text, table);
    }
}

/// `"status", "version"`
pub(super) const fn state_and_version<const CAPACITY: usize>(text: &mut Text<CAPACITY>, table: &Table, column: usize) {
    read(text, table.columns[column].name);
    text.push(", ");
    match version(table) {
        Some(version) => text.name(version),
        None => text.push("NULL"),
    }
}

/// `SELECT "status", "version", 1, CASE WHEN (total > 0) THEN 1 ELSE 0 END`
pub(super) const fn seen<const CAPACITY: usize, M>(
    text: &mut Text<CAPACITY>,
    table: &Table,
    column: usize,
    moves: &[Move<M>],
) {
    text.push("SELECT ");
    state_and_version(text, table, column);
    let mut index = 0;
    while index < moves.len() {
        match moves[index].guard_sql {
            Some(guard) => {
                text.push(", CASE WHEN (");
                text.push(guard);
                text.push(") IS TRUE THEN 1 ELSE 0 END");
            }
            None => text.push(", 1"),
        }
        index += 1;
    }
}

/// ` FROM "orders" WHERE "id" = $3`
pub(super) const fn from_row<const CAPACITY: usize>(text: &mut Text<CAPACITY>, table: &Table) {
    text.push(" FROM ");
    text.table(table.name);
    addressed(text, table);
    alive(text, table);
}

pub(super) const fn version(table: &Table) -> Option<&'static str> {
    let mut index = 0;
    while index < table.columns.len() {
        if matches!(table.columns[index].role, Role::Version) {
            return Some(table.columns[index].name);
        }
        index += 1;
    }
    None
}
