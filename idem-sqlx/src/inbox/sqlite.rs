//! The inbox in SQLite.

use std::sync::Arc;

use idem_core::StoreError;
use sqlx::{AssertSqlSafe, Sqlite, SqliteConnection};

use crate::backend::Backend as _;
use crate::sqlite::SqliteBackend;
use crate::table::Table;

use super::InboxDatabase;
use super::inner::{Inner, Moved, Statements, Words, moved, upsert_mark};
use super::upkeep::{error_of, explain, first_number};

const MIGRATION: &str = include_str!("../../migrations/sqlite/0002_idem_inbox.sql");

pub(super) fn statements(messages: &Table, marks: &Table) -> Statements {
    let syntax = &SqliteBackend::SYNTAX;
    let (messages, now) = (syntax.table(messages), syntax.now);
    let words = Words {
        // `WHERE true`, since else the `ON` would be taken for that of a join.
        remember: format!(
            "INSERT INTO {messages} (consumer, message, received_at) \
             SELECT ?1, value, {now} FROM json_each(?2) WHERE true ORDER BY value \
             ON CONFLICT (consumer, message) DO NOTHING RETURNING message"
        ),
        move_mark: upsert_mark(syntax, marks, "true"),
        // Who has written sees what is there.
        current: "",
        inside: Default::default(),
        purge: format!(
            "DELETE FROM {messages} WHERE consumer = ?1 AND message IN (\
                 SELECT message FROM {messages} WHERE consumer = ?1 AND received_at < {now} - ?2 \
                 ORDER BY received_at LIMIT ?3)"
        ),
    };
    Statements::new(syntax, marks, words)
}

impl InboxDatabase for Sqlite {
    const LONGEST_BATCH: usize = usize::MAX;

    async fn remember(on: &mut SqliteConnection, inbox: &Inner, ids: &[&str]) -> Result<Vec<String>, sqlx::Error> {
        let sql = Arc::clone(&inbox.sqlite.remember);
        sqlx::query_scalar(AssertSqlSafe(sql)).bind(inbox.consumer.as_str()).bind(json(ids)).fetch_all(on).await
    }

    async fn move_mark(
        on: &mut SqliteConnection,
        inbox: &Inner,
        source: &str,
        sequence: i64,
    ) -> Result<Moved, sqlx::Error> {
        let values = inbox.on_mark(source, sequence);
        let rows = inbox.sqlite.move_mark.query::<Sqlite>(&values).fetch_all(on).await?;
        Ok(moved(first_number(&rows)?, sequence))
    }

    async fn mark(on: &mut SqliteConnection, inbox: &Inner, source: &str) -> Result<Option<i64>, sqlx::Error> {
        let values = inbox.on_mark(source, 0);
        let rows = inbox.sqlite.mark.query::<Sqlite>(&values[..2]).fetch_all(on).await?;
        first_number(&rows)
    }

    async fn set_mark(
        on: &mut SqliteConnection,
        inbox: &Inner,
        source: &str,
        sequence: i64,
    ) -> Result<(), sqlx::Error> {
        let values = inbox.on_mark(source, sequence);
        inbox.sqlite.set_mark.query::<Sqlite>(&values).execute(on).await.map(drop)
    }

    async fn purge(on: &mut SqliteConnection, inbox: &Inner, age: i64, limit: u32) -> Result<u64, sqlx::Error> {
        let values = inbox.on_age(age, limit);
        let done = inbox.sqlite.purge.query::<Sqlite>(&values).execute(on).await?;
        Ok(done.rows_affected())
    }

    async fn migrate(on: &mut SqliteConnection, inbox: &Inner) -> Result<(), StoreError> {
        if inbox.messages.has_schema() {
            return Err(StoreError::refused(
                "an inbox in an attached database of SQLite is not migrated; run `migrations/sqlite/*.sql` there",
                None,
            ));
        }
        let migration = inbox.messages.inbox_migration(MIGRATION, SqliteBackend::SYNTAX.quote);
        // Each statement is its own transaction and says `IF NOT EXISTS`, which SQLite looks at again once it may write.
        sqlx::raw_sql(AssertSqlSafe(migration)).execute(on).await.map_err(Self::error)?;
        Ok(())
    }

    fn error(error: sqlx::Error) -> StoreError {
        error_of::<SqliteBackend>(error)
    }

    async fn explain(on: &mut SqliteConnection, inbox: &Inner, error: sqlx::Error) -> StoreError {
        explain::<SqliteBackend>(on, inbox, error).await
    }
}

/// An array of strings. The text of a key has no control characters, so only two characters must be escaped.
fn json(ids: &[&str]) -> String {
    let mut json = String::with_capacity(ids.iter().map(|id| id.len() + 8).sum::<usize>() + 2);
    json.push('[');
    for id in ids {
        if json.len() > 1 {
            json.push(',');
        }
        json.push('"');
        for character in id.chars() {
            if matches!(character, '"' | '\\') {
                json.push('\\');
            }
            json.push(character);
        }
        json.push('"');
    }
    json.push(']');
    json
}
