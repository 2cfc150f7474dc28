//! The inbox in PostgreSQL.

use std::sync::Arc;

use idem_core::StoreError;
use sqlx::{AssertSqlSafe, Connection as _, PgConnection, Postgres};

use crate::backend::Backend as _;
use crate::postgres::{INSIDE, PgBackend, UTF8, joined, migration};
use crate::statement::Mark;
use crate::table::Table;

use super::InboxDatabase;
use super::inner::{Inner, Moved, Statements, Words, moved, upsert_mark};
use super::upkeep::{error_of, explain, first_number};

const MIGRATION: &str = include_str!("../../migrations/postgres/0002_idem_inbox.sql");

const LOOK: &str = "SELECT to_regclass('\"idem_inbox_readable\"') IS NOT NULL \
    AND to_regclass('\"idem_inbox_marks\"') IS NOT NULL AND EXISTS (\
    SELECT FROM pg_catalog.pg_index JOIN pg_catalog.pg_class ON pg_class.oid = indexrelid \
    WHERE indrelid = to_regclass('\"idem_inbox\"') AND relname = 'idem_inbox_received')";

pub(super) fn statements(messages: &Table, marks: &Table) -> Statements {
    let syntax = &PgBackend::SYNTAX;
    let this_statement = mark_of_remember(messages).condition(3);
    let (messages, now) = (syntax.table(messages), syntax.now);
    let words = Words {
        remember: format!(
            "INSERT INTO {messages} (consumer, message, received_at) \
             SELECT $1, id, {now} FROM unnest($2) AS given (id) WHERE {this_statement} AND {INSIDE} AND {UTF8} ORDER BY id COLLATE \"C\" \
             ON CONFLICT (consumer, message) DO NOTHING RETURNING message"
        ),
        move_mark: upsert_mark(syntax, marks, &joined()),
        // The row is locked, and its transaction sees what was committed before this statement; or it has one snapshot
        // for all, and then a row that has changed since could not be locked. `?0` is that this statement runs, and no other.
        current: " AND ?0",
        inside: (String::new(), format!(" AND {}", joined())),
        // Those that another purge is at are skipped.
        purge: format!(
            "DELETE FROM {messages} WHERE ctid = ANY (ARRAY(\
                 SELECT ctid FROM {messages} WHERE consumer = ?1 AND received_at < {now} - ?2 \
                 ORDER BY received_at LIMIT ?3 FOR UPDATE SKIP LOCKED)) AND ?0"
        ),
    };
    Statements::new(syntax, marks, words)
}

/// The mark of the statement that remembers messages, whose parameters are its own.
fn mark_of_remember(messages: &Table) -> Mark {
    Mark::of(&format!("remember in {messages}"))
}

/// Whether a statement may be given a name, under which it is kept. Behind some poolers names meet those of others, and
/// applications turn off the cache of statements; whether it is off or empty cannot be seen. So the name waits until the
/// application's own statements are in the cache; without one, a statement costs one more round trip.
fn keeps_statements(on: &PgConnection) -> bool {
    on.cached_statements_size() > 0
}

impl InboxDatabase for Postgres {
    const LONGEST_BATCH: usize = usize::MAX;

    async fn remember(on: &mut PgConnection, inbox: &Inner, ids: &[&str]) -> Result<Vec<String>, sqlx::Error> {
        let sql = Arc::clone(&inbox.postgres.remember);
        let mark = mark_of_remember(&inbox.messages).number();
        let query = sqlx::query_scalar(AssertSqlSafe(sql)).bind(inbox.consumer.as_str()).bind(ids).bind(mark);
        query.persistent(keeps_statements(on)).fetch_all(on).await
    }

    async fn move_mark(
        on: &mut PgConnection,
        inbox: &Inner,
        source: &str,
        sequence: i64,
    ) -> Result<Moved, sqlx::Error> {
        let values = inbox.on_mark(source, sequence);
        let rows =
            inbox.postgres.move_mark.query::<Postgres>(&values).persistent(keeps_statements(on)).fetch_all(on).await?;
        Ok(moved(first_number(&rows)?, sequence))
    }

    async fn mark(on: &mut PgConnection, inbox: &Inner, source: &str) -> Result<Option<i64>, sqlx::Error> {
        let values = inbox.on_mark(source, 0);
        let rows =
            inbox.postgres.mark.query::<Postgres>(&values[..2]).persistent(keeps_statements(on)).fetch_all(on).await?;
        first_number(&rows)
    }

    async fn set_mark(on: &mut PgConnection, inbox: &Inner, source: &str, sequence: i64) -> Result<(), sqlx::Error> {
        let values = inbox.on_mark(source, sequence);
        inbox.postgres.set_mark.query::<Postgres>(&values).persistent(keeps_statements(on)).execute(on).await.map(drop)
    }

    async fn purge(on: &mut PgConnection, inbox: &Inner, age: i64, limit: u32) -> Result<u64, sqlx::Error> {
        let values = inbox.on_age(age, limit);
        let query = inbox.postgres.purge.query::<Postgres>(&values).persistent(keeps_statements(on));
        Ok(query.execute(on).await?.rows_affected())
    }

    async fn migrate(on: &mut PgConnection, inbox: &Inner) -> Result<(), StoreError> {
        let [look, make] = [LOOK, MIGRATION].map(|sql| inbox.messages.inbox_migration(sql, PgBackend::SYNTAX.quote));
        migration::run(on, &look, &make).await
    }

    fn error(error: sqlx::Error) -> StoreError {
        error_of::<PgBackend>(error)
    }

    async fn explain(on: &mut PgConnection, inbox: &Inner, error: sqlx::Error) -> StoreError {
        explain::<PgBackend>(on, inbox, error).await
    }
}
