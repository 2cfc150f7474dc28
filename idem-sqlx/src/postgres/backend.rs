//! PostgreSQL as a backend.

use std::time::Duration;

use idem_core::{Admission, ClaimDecision, ClaimRequest, Fence, Key};
use sqlx::error::DatabaseError;
use sqlx::postgres::{PgPool, PgQueryResult, PgRow};
use sqlx::{AssertSqlSafe, ConnectOptions as _, PgConnection, Postgres, Row as _};

use crate::backend::{Asked, Backend, Failed, Within};
use crate::error::Meaning;
use crate::records::Records;
use crate::row::{self, COLUMN_COUNT, COLUMNS, Found};
use crate::statement::{Placeholders, Statement, Value};
use crate::statements::Syntax;
use crate::table::Table;
use crate::{joined, values};

use super::error;

/// How long a statement of the store's own waits for a lock. Locks on a record are short, but for a transaction of the
/// application's that claimed the key and is still open.
const LOCK_TIMEOUT_MILLIS: u32 = 5_000;

/// PostgreSQL, and the statements that only it has.
#[derive(Debug)]
pub(crate) struct PgBackend {
    /// Looks, and claims if there is nothing; waits for locks as long as the store does.
    ask: Statement,
    /// The same in a transaction of the caller's, which waits as long as its owner says.
    ask_joined: Statement,
    purge: Statement,
    prepares: bool,
}

impl PgBackend {
    pub(crate) fn new(table: &Table, pool: &PgPool) -> Self {
        let statement = |template: String| Statement::new(&template, Self::SYNTAX.placeholders);
        let patience = format!(", set_config('lock_timeout', '{LOCK_TIMEOUT_MILLIS}', true)");
        Self {
            ask: statement(ask(table, &patience)),
            ask_joined: statement(ask(table, "")),
            purge: statement(purge(table)),
            prepares: prepares(pool),
        }
    }

    async fn rows(
        &self,
        on: &mut PgConnection,
        statement: &Statement,
        values: &[Value<'_>],
    ) -> Result<Vec<PgRow>, sqlx::Error> {
        // All rows, though there is one at most: the error of a commit comes after them.
        if self.prepares {
            return statement.query::<Postgres>(values).fetch_all(on).await;
        }
        sqlx::raw_sql(AssertSqlSafe(statement.written_out(values))).fetch_all(on).await
    }
}

const SAVEPOINT: &str = "idem_claim";

/// Sets a savepoint, after which locks are waited for as long as `patience`, and tells how long they were before.
async fn within_patience(on: &mut PgConnection, patience: Duration) -> Result<String, sqlx::Error> {
    // Zero would mean for ever.
    let millis = patience.as_millis().clamp(1, i32::MAX.unsigned_abs().into());
    let begin =
        format!("SAVEPOINT {SAVEPOINT}; SELECT current_setting('lock_timeout'); SET LOCAL lock_timeout = '{millis}ms'");
    let rows = sqlx::raw_sql(AssertSqlSafe(begin)).fetch_all(on).await?;
    rows.first().ok_or(sqlx::Error::RowNotFound)?.try_get(0)
}

/// Whether the application lets sqlx prepare statements; behind some poolers a statement that was prepared is gone when it
/// is used.
fn prepares(pool: &PgPool) -> bool {
    let capacity = pool
        .connect_options()
        .to_url_lossy()
        .query_pairs()
        .find_map(|(name, value)| (name == "statement-cache-capacity").then(|| value.into_owned()));
    capacity.as_deref() != Some("0")
}

/// `find` and `insert` in one round trip. Both halves share a snapshot: a row that somebody committed after it shows in
/// neither, and then the answer is to ask again. The clock is read once, and after the snapshot was taken, so that no
/// record that was purged before it had a greater fence.
fn ask(table: &Table, patience: &str) -> String {
    let syntax = &PgBackend::SYNTAX;
    let (columns, values) = syntax.claimed("clock.now");
    let (table, key) = (syntax.table(table), syntax.key());
    format!(
        "WITH clock AS MATERIALIZED (\
             SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint AS now{patience}), \
         found AS MATERIALIZED (SELECT {COLUMNS} FROM {table} WHERE scope = ?1 AND {key} = ?2), \
         made AS (INSERT INTO {table} ({columns}) SELECT {values} FROM clock \
             WHERE ?10 AND NOT EXISTS (SELECT 1 FROM found) \
             ON CONFLICT (scope, {key}) DO NOTHING RETURNING fence AS made_fence) \
         SELECT clock.now, found.*, made.made_fence FROM clock LEFT JOIN found ON true LEFT JOIN made ON true"
    )
}

/// Those that another purge is at are skipped.
fn purge(table: &Table) -> String {
    let (table, expired) = (PgBackend::SYNTAX.table(table), PgBackend::SYNTAX.expired());
    format!(
        "DELETE FROM {table} WHERE ctid = ANY (ARRAY(\
             SELECT ctid FROM {table} WHERE {expired} ORDER BY purge_from LIMIT ?1 FOR UPDATE SKIP LOCKED))"
    )
}

impl Backend for PgBackend {
    type Database = Postgres;

    const SYNTAX: Syntax = Syntax {
        placeholders: Placeholders::Dollar,
        quote: '"',
        now: "((extract(epoch FROM statement_timestamp()) * 1000000)::bigint)",
        least: "least",
        greatest: "greatest",
        same: "IS NOT DISTINCT FROM",
        told: ("", ""),
        if_absent: "ON CONFLICT (scope, key) DO NOTHING RETURNING fence",
        returning: "RETURNING fence",
    };
    const CLAIMS_WHEN_ASKED: bool = true;
    const MIGRATIONS: &'static str = "migrations/postgres/*.sql";

    fn meaning(error: &dyn DatabaseError) -> Meaning {
        error::meaning(error)
    }

    async fn table_is_missing(_on: &mut PgConnection, _table: &Table, error: &sqlx::Error) -> bool {
        error::is_missing_table(error)
    }

    async fn find(
        &self,
        on: &mut PgConnection,
        statement: &Statement,
        values: &[Value<'_>],
        key: &Key,
    ) -> Result<Found, Failed> {
        let rows = self.rows(on, statement, values).await?;
        Ok(row::read(rows.first().ok_or(sqlx::Error::RowNotFound)?, key)?)
    }

    async fn ask(
        &self,
        _records: &Records<Self>,
        on: &mut PgConnection,
        request: &ClaimRequest,
        within: Within,
    ) -> Result<Asked, Failed> {
        let statement = match within {
            Within::Itself => &self.ask,
            Within::Caller => &self.ask_joined,
        };
        let open = request.admission == Admission::Open;
        let values = values::with_flag(values::claimed(request, request.claim_id, 1), open);
        let rows = self.rows(on, statement, &values).await?;
        let row = rows.first().ok_or(sqlx::Error::RowNotFound)?;
        match row.try_get::<Option<i64>, _>(COLUMN_COUNT + 1)? {
            Some(fence) => Ok(Asked::Claimed(Fence::from_number(fence))),
            None => Ok(Asked::Found(row::read(row, &request.key)?)),
        }
    }

    async fn acquire(
        &self,
        on: &mut PgConnection,
        statement: &Statement,
        values: &[Value<'_>],
    ) -> Result<Option<Fence>, sqlx::Error> {
        let rows = self.rows(on, statement, values).await?;
        rows.first().map(|row| row.try_get(0).map(Fence::from_number)).transpose()
    }

    async fn execute(
        &self,
        on: &mut PgConnection,
        statement: &Statement,
        values: &[Value<'_>],
    ) -> Result<u64, sqlx::Error> {
        let done: PgQueryResult = if self.prepares {
            statement.query::<Postgres>(values).execute(on).await?
        } else {
            sqlx::raw_sql(AssertSqlSafe(statement.written_out(values))).execute(on).await?
        };
        Ok(done.rows_affected())
    }

    async fn purge(&self, records: &Records<Self>, on: &mut PgConnection, limit: u32) -> Result<u64, Failed> {
        records.execute(on, &self.purge, &values::limit(limit)).await
    }

    async fn claim_joined(
        &self,
        records: &Records<Self>,
        on: &mut PgConnection,
        request: &ClaimRequest,
        patience: Option<Duration>,
    ) -> Result<ClaimDecision, Failed> {
        let Some(patience) = patience else { return joined::claim(records, on, request).await };
        // A lock time-out is an error, and an error ends a transaction, or what began with the last savepoint.
        let before = within_patience(on, patience).await?;
        match joined::claim(records, on, request).await {
            Ok(decision) => {
                let end = format!("SET LOCAL lock_timeout = '{before}'; RELEASE SAVEPOINT {SAVEPOINT}");
                sqlx::raw_sql(AssertSqlSafe(end)).execute(on).await?;
                Ok(decision)
            }
            Err(Failed::Sqlx(error)) if error::is_lock_timeout(&error) => {
                let undo = format!("ROLLBACK TO SAVEPOINT {SAVEPOINT}; RELEASE SAVEPOINT {SAVEPOINT}");
                sqlx::raw_sql(AssertSqlSafe(undo)).execute(on).await?;
                Ok(ClaimDecision::InProgress { lease_left: Duration::ZERO })
            }
            Err(failed) => Err(failed),
        }
    }
}
