//! SQLite as a backend.

use std::path::PathBuf;

use idem_core::{Fence, Key, StoreError};
use sqlx::error::DatabaseError;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{Row as _, Sqlite, SqliteConnection};

use crate::backend::{Backend, Failed, Within};
use crate::error::Meaning;
use crate::records::Records;
use crate::row::{self, Found, Listed};
use crate::statement::{Placeholders, Statement, Value};
use crate::statements::{Statements, Syntax};
use crate::table::Table;
use crate::values;

use super::error;

/// SQLite, and the statement that only it has. Who writes there holds the whole database, so a claim in the caller's
/// transaction has no other open transaction to wait for.
#[derive(Debug)]
pub(crate) struct SqliteBackend {
    statements: Statements,
    purge: Statement,
    extend_all: Statement,
}

impl SqliteBackend {
    pub(crate) fn new(table: &Table) -> Self {
        let statement = |template: String| Statement::new(&template, Self::SYNTAX.placeholders);
        Self {
            statements: Statements::wrapped("", "", &Self::SYNTAX, table),
            purge: statement(purge(table)),
            extend_all: statement(extend_all(table)),
        }
    }
}

fn purge(table: &Table) -> String {
    let (table, expired) = (SqliteBackend::SYNTAX.table(table), SqliteBackend::SYNTAX.expired());
    format!(
        "DELETE FROM {table} WHERE rowid IN \
             (SELECT rowid FROM {table} WHERE {expired} ORDER BY purge_from LIMIT ?1)"
    )
}

/// `extend` for many claims, in the JSON of `values::extended`.
fn extend_all(table: &Table) -> String {
    let syntax = &SqliteBackend::SYNTAX;
    let (table, extension) = (syntax.table(table), syntax.extension("?1", ""));
    format!(
        "UPDATE {table} SET {extension} WHERE rowid IN (\
             SELECT record.rowid FROM json_each(?2) AS held CROSS JOIN {table} AS record \
             ON record.scope = held.value ->> 0 AND record.key = held.value ->> 1 \
             WHERE record.claim_id = held.value ->> 2 AND record.state = 'running')"
    )
}

impl Backend for SqliteBackend {
    type Database = Sqlite;

    const SYNTAX: Syntax = Syntax {
        placeholders: Placeholders::Question,
        quote: '"',
        // SQLite tells milliseconds as a float, which is rounded before it is an integer. It is read once the statement
        // has its locks.
        now: "(CAST(round(unixepoch('subsec') * 1000) AS INTEGER) * 1000)",
        least: "min",
        greatest: "max",
        same: "IS",
        told: ("", ""),
        if_absent: "ON CONFLICT (scope, key) DO NOTHING RETURNING fence",
        returning: "RETURNING fence",
        read: ("", ""),
        text: ("", ""),
    };
    const ONE_WRITER: bool = true;
    /// In a database whose encoding is UTF-16, letters such as `Ā` come before control characters.
    const BEFORE_ALL: &'static str = "";
    const MIGRATIONS: &'static str = "migrations/sqlite/*.sql";

    fn meaning(error: &dyn DatabaseError) -> Meaning {
        error::meaning(error)
    }

    async fn is_open_for_write(on: &mut SqliteConnection) -> Result<bool, sqlx::Error> {
        super::is_open(on).await
    }

    /// SQLite has no code for a table that is missing.
    async fn table_is_missing(on: &mut SqliteConnection, table: &Table, error: &sqlx::Error) -> bool {
        const EXISTS: &str = "SELECT EXISTS (SELECT 1 FROM sqlite_schema WHERE name = ?1 COLLATE NOCASE)";

        if !error::is_about_the_statement(error) {
            return false;
        }
        let exists: Result<bool, _> = sqlx::query_scalar(EXISTS).bind(table.name()).fetch_one(on).await;
        matches!(exists, Ok(false))
    }

    fn statements(&self, _within: Within) -> &Statements {
        &self.statements
    }

    fn extend_all(&self) -> &Statement {
        &self.extend_all
    }

    /// Each connection to a database without a file has one of its own.
    fn is_shared(options: &SqliteConnectOptions) -> bool {
        let name = options.get_filename().to_string_lossy();
        !name.is_empty() && (!name.contains(":memory:") || name.contains("cache=shared"))
    }

    fn only_writer(options: &SqliteConnectOptions) -> Option<PathBuf> {
        Self::is_shared(options).then(|| options.get_filename().to_owned())
    }

    async fn list(
        &self,
        on: &mut SqliteConnection,
        values: &[Value<'_>],
    ) -> Result<Vec<Result<Listed, StoreError>>, Failed> {
        let statement = &self.statements(Within::Itself).abandoned;
        let rows = statement.query::<Sqlite>(values).fetch_all(on).await?;
        Ok(rows.iter().map(row::list).collect())
    }

    async fn find(
        &self,
        on: &mut SqliteConnection,
        statement: &Statement,
        values: &[Value<'_>],
        key: &Key,
    ) -> Result<Found, Failed> {
        let row = statement.query::<Sqlite>(values).fetch_one(on).await?;
        Ok(row::read(&row, key)?)
    }

    /// All rows, though there is one at most: sqlx stops a statement at the row that it was asked for, and then nobody
    /// hears whether its commit failed.
    async fn acquire(
        &self,
        on: &mut SqliteConnection,
        statement: &Statement,
        values: &[Value<'_>],
    ) -> Result<Option<Fence>, sqlx::Error> {
        let rows = statement.query::<Sqlite>(values).fetch_all(on).await?;
        rows.first().map(|row| row.try_get(0).map(Fence::from_number)).transpose()
    }

    async fn execute(
        &self,
        on: &mut SqliteConnection,
        statement: &Statement,
        values: &[Value<'_>],
    ) -> Result<u64, sqlx::Error> {
        Ok(statement.query::<Sqlite>(values).execute(on).await?.rows_affected())
    }

    async fn purge(&self, records: &Records<Self>, on: &mut SqliteConnection, limit: u32) -> Result<u64, Failed> {
        records.execute(on, &self.purge, &values::limit(limit)).await
    }
}
