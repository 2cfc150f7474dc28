//! The parts of statements that write and read the audit.

use idem_core::machine::{Event, Move};

use super::parts::{next, version};
use crate::entity::facts::describe::Table;
use crate::entity::facts::stored::HasState;
use crate::entity::sql::clauses::{List, addressed};
use crate::entity::sql::columns::read;
use crate::entity::sql::text::Text;

/// `INSERT INTO "order_transitions" ("id", "event", …) SELECT "id", 'pay', … FROM "orders"`
pub(super) const fn recorded<const CAPACITY: usize, T: HasState<E::Machine>, E: Event>(
    text: &mut Text<CAPACITY>,
    step: &Move<E::Machine>,
) {
    text.push("INSERT INTO ");
    text.table(audit(&T::TABLE));
    text.push(" (");
    address(text, &T::TABLE);
    let mut index = 0;
    while index < AUDIT_COLUMNS.len() {
        if version(&T::TABLE).is_some() || index != VERSION_IN_AUDIT {
            text.push(", ");
            text.name(AUDIT_COLUMNS[index]);
        }
        index += 1;
    }
    text.push(") SELECT ");
    address(text, &T::TABLE);
    text.push(", '");
    if !T::NAME.is_empty() {
        text.push(T::NAME);
        text.push(".");
    }
    text.push(E::NAME);
    text.push("', ");
    text.name(T::TABLE.columns[T::COLUMN].name);
    text.push(", ");
    text.code(step.target_code);
    if let Some(version) = version(&T::TABLE) {
        text.push(", ");
        next(text, version);
    }
    let mut given = 0;
    while given < 3 {
        text.push(", ");
        text.parameter();
        given += 1;
    }
    text.push(", ");
    text.push(text.dialect().now);
    text.push(" FROM ");
    text.table(T::TABLE.name);
}

/// The columns of an audit table after those of the address.
const AUDIT_COLUMNS: [&str; 8] = ["event", "from_state", "to_state", "version", "key", "actor", "reason", "at"];
const VERSION_IN_AUDIT: usize = 3;

/// Locks the row whose event is recorded, and leaves it at that if the key is there already. Where the key is the fence, the
/// constraint that guards it is named, and so must be there.
pub(super) const fn once<const CAPACITY: usize>(text: &mut Text<CAPACITY>, table: &Table, is_fenced_by_key: bool) {
    text.push(text.dialect().for_update);
    if is_fenced_by_key && text.dialect().names_constraint() {
        text.push(" ON CONFLICT (");
        address(text, table);
        text.push(", ");
        text.name("key");
        text.push(") WHERE ");
        text.name("key");
        text.push(" IS NOT NULL DO NOTHING");
    } else {
        text.push(text.dialect().or_nothing);
    }
    if text.dialect().returning {
        text.push(" RETURNING ");
        read(text, "from_state");
    }
}

/// Counts the unique constraints of a table that let a key stand once for a row.
pub(super) const fn guards<const CAPACITY: usize>(text: &mut Text<CAPACITY>, table: &Table) {
    text.push(
        "SELECT COUNT(*) FROM (SELECT INDEX_NAME FROM information_schema.STATISTICS WHERE TABLE_SCHEMA = COALESCE(",
    );
    text.parameter();
    text.push(", DATABASE()) AND TABLE_NAME = ");
    text.parameter();
    text.push(" AND NON_UNIQUE = 0 GROUP BY INDEX_NAME HAVING SUM(SUB_PART IS NULL AND COLUMN_NAME IN ('key'");
    let mut index = 0;
    while index < table.columns.len() {
        if table.columns[index].role.is_address() {
            text.push(", ");
            text.literal(table.columns[index].name);
        }
        index += 1;
    }
    text.push(")) = COUNT(*)) AS idem_guards");
}

/// What the audit knows of the key, as it is by now: `, (SELECT "event" FROM … WHERE "id" = $1 AND "key" = $2)`
pub(super) const fn known<const CAPACITY: usize>(text: &mut Text<CAPACITY>, table: &Table, column: &str) {
    text.push(", (SELECT ");
    read(text, column);
    text.push(" FROM ");
    text.table(audit(table));
    addressed(text, table);
    text.push(" AND ");
    text.name("key");
    text.push(" = ");
    text.parameter();
    text.push(text.dialect().current_read);
    text.push(")");
}

/// `"tenant_id", "id"`
const fn address<const CAPACITY: usize>(text: &mut Text<CAPACITY>, table: &Table) {
    let mut list = List::new(", ");
    let mut index = 0;
    while index < table.columns.len() {
        if table.columns[index].role.is_address() {
            list.next(text);
            text.name(table.columns[index].name);
        }
        index += 1;
    }
}

const fn audit(table: &Table) -> &'static str {
    match table.audit {
        Some(audit) => audit,
        None => panic!("an event with `audit` needs the table of its audit rows: `#[versioned(audit = \"…\")]`"),
    }
}
