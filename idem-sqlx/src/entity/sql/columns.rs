//! How columns are read and compared, and how it is asked whether they are still what a statement has written.

use idem_core::machine::Code;

use super::dialect::Triggers;
use super::text::Text;
use crate::entity::facts::describe::Table;

/// `rtrim(CAST("status" AS text)) COLLATE "C"`, for codes that are texts: a column's own comparison may find a row whose state
/// then cannot be read, and that of an enum refuses codes that it does not have.
pub(in crate::entity) const fn compared<const CAPACITY: usize>(text: &mut Text<CAPACITY>, column: &str, code: Code) {
    match code {
        Code::Text(_) => exact(text, column),
        Code::Number(_) => text.name(column),
    }
}

/// `rtrim(CAST("status" AS text)) COLLATE "C" = CAST($1 AS text)`, for a state of which it is not known whether it is a text or a
/// number.
pub(in crate::entity) const fn equals<const CAPACITY: usize>(text: &mut Text<CAPACITY>, column: &str) {
    exact(text, column);
    text.push(" = CAST(");
    text.parameter();
    text.push(" AS ");
    text.push(text.dialect().text_type);
    text.push(")");
}

const fn exact<const CAPACITY: usize>(text: &mut Text<CAPACITY>, column: &str) {
    let [before, after] = text.dialect().exact;
    text.push(before);
    text.name(column);
    text.push(after);
}

/// `CAST("status" AS text)`: sqlx asks for an enum type that it does not know with another statement, which is the end of one
/// that has no name.
pub(in crate::entity) const fn read<const CAPACITY: usize>(text: &mut Text<CAPACITY>, column: &str) {
    if text.dialect().states_as_text {
        text.push("CAST(");
        text.name(column);
        text.push(" AS text)");
    } else {
        text.name(column);
    }
}

/// `, CASE WHEN EXISTS (…) THEN 1 ELSE 0 END AS "idem_after"`: whether the table has triggers that run after a write has
/// returned what it wrote, and may have changed it.
pub(in crate::entity) const fn triggers<const CAPACITY: usize>(text: &mut Text<CAPACITY>, table: &Table) {
    let Some(triggers) = text.dialect().triggers else { return };
    text.push(", CASE WHEN EXISTS (SELECT 1 FROM ");
    match triggers {
        // Of the partition that holds the row; 2 is `BEFORE`, and 64 is `INSTEAD OF`.
        Triggers::PgTrigger => {
            text.push("pg_catalog.pg_trigger WHERE tgrelid = ");
            text.table(table.name);
            text.push(".tableoid AND tgtype & 66 = 0 AND tgenabled <> 'D' AND (NOT tgisinternal OR tgparentid <> 0)");
        }
        Triggers::SqliteMaster => {
            let (schema, name) = parts(table.name);
            if let Some(schema) = schema {
                text.name(schema);
                text.push(".");
            }
            text.push("sqlite_master WHERE type = 'trigger' AND tbl_name = ");
            text.literal(name);
            text.push(" COLLATE NOCASE");
        }
    }
    text.push(") THEN 1 ELSE 0 END AS ");
    text.name("idem_after");
}

/// The schema of a table, if it is named, and the table's own name.
pub(in crate::entity) const fn parts(name: &str) -> (Option<&str>, &str) {
    let mut index = 0;
    while index < name.len() {
        if name.as_bytes()[index] == b'.' {
            let (schema, rest) = name.split_at(index);
            return (Some(schema), rest.split_at(1).1);
        }
        index += 1;
    }
    (None, name)
}
