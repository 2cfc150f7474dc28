//! The question whether a row can stand in its table twice.

use super::clauses::List;
use super::columns::parts;
use super::dialect::Catalog;
use super::text::{Text, composed};
use super::wanted::Wanted;
use crate::entity::facts::describe::Table;

composed! {
    /// Counts the unique constraints that are over natural columns alone, one of which keeps a row from being inserted twice; null
    /// if that is not known, as of a view. What an index computes is taken for a natural column. Values, where the catalog is the
    /// information schema: the schema of the table or NULL, and its name, twice.
    UniqueConstraints<T, DB> = |text| {
        match text.dialect().catalog {
            Catalog::Postgres => postgres(text, &T::TABLE),
            Catalog::InformationSchema => information_schema(text, &T::TABLE),
            Catalog::Sqlite => sqlite(text, &T::TABLE),
        }
    }
}

const fn postgres<const CAPACITY: usize>(text: &mut Text<CAPACITY>, table: &Table) {
    text.push(
        "SELECT CASE WHEN relkind IN ('r', 'p') THEN (SELECT count(*) FROM pg_catalog.pg_index WHERE indrelid = c.oid \
         AND indisunique AND NOT EXISTS (SELECT 1 FROM unnest(indkey) WITH ORDINALITY AS part (number, place) \
         JOIN pg_catalog.pg_attribute ON attrelid = indrelid AND attnum = number \
         WHERE place <= indnkeyatts AND attname NOT IN (",
    );
    names(text, table);
    text.push("))) END FROM pg_catalog.pg_class AS c WHERE c.oid = to_regclass('");
    text.table(table.name);
    text.push("')");
}

const fn information_schema<const CAPACITY: usize>(text: &mut Text<CAPACITY>, table: &Table) {
    text.push("SELECT IF(EXISTS (SELECT 1 FROM information_schema.TABLES WHERE TABLE_TYPE = 'BASE TABLE' AND ");
    is_of_table(text);
    text.push(
        "), (SELECT COUNT(*) FROM (SELECT INDEX_NAME FROM information_schema.STATISTICS WHERE NON_UNIQUE = 0 AND ",
    );
    is_of_table(text);
    text.push(" GROUP BY INDEX_NAME HAVING MIN(COALESCE(COLUMN_NAME IN (");
    names(text, table);
    text.push("), 1)) = 1) AS idem_unique), NULL)");
}

/// `TABLE_SCHEMA = COALESCE(?, DATABASE()) AND TABLE_NAME = ?`
const fn is_of_table<const CAPACITY: usize>(text: &mut Text<CAPACITY>) {
    text.push("TABLE_SCHEMA = COALESCE(");
    text.parameter();
    text.push(", DATABASE()) AND TABLE_NAME = ");
    text.parameter();
}

/// A primary key that is the number of the row has no index.
const fn sqlite<const CAPACITY: usize>(text: &mut Text<CAPACITY>, table: &Table) {
    text.push("SELECT CASE WHEN EXISTS (SELECT 1 FROM ");
    let (schema, name) = parts(table.name);
    if let Some(schema) = schema {
        text.name(schema);
        text.push(".");
    }
    text.push("sqlite_master WHERE type = 'table' AND name = ");
    text.literal(name);
    text.push(" COLLATE NOCASE) THEN (SELECT COUNT(*) FROM pragma_index_list(");
    arguments(text, table);
    text.push(") AS list WHERE \"unique\" AND NOT EXISTS (SELECT 1 FROM pragma_index_info(list.name");
    if let Some(schema) = schema {
        text.push(", ");
        text.literal(schema);
    }
    text.push(") AS part WHERE part.name COLLATE NOCASE NOT IN (");
    names(text, table);
    text.push("))) + (SELECT COALESCE(MIN(name COLLATE NOCASE IN (");
    names(text, table);
    text.push(")), 0) FROM pragma_table_info(");
    arguments(text, table);
    text.push(") WHERE pk > 0) END");
}

/// `'orders', 'main'`
const fn arguments<const CAPACITY: usize>(text: &mut Text<CAPACITY>, table: &Table) {
    let (schema, name) = parts(table.name);
    text.literal(name);
    if let Some(schema) = schema {
        text.push(", ");
        text.literal(schema);
    }
}

/// `'tenant', 'number'`
const fn names<const CAPACITY: usize>(text: &mut Text<CAPACITY>, table: &Table) {
    let mut list = List::new(", ");
    let mut index = 0;
    while index < table.columns.len() {
        if Wanted::Natural.has(table, index) {
            list.next(text);
            text.literal(table.columns[index].name);
        }
        index += 1;
    }
}
