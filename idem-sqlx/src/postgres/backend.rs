//! PostgreSQL as a backend.

use std::sync::Once;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use idem_core::{Admission, ClaimDecision, ClaimRequest, Fence, Key, StoreError};
use sqlx::error::DatabaseError;
use sqlx::postgres::{PgPool, PgRow};
use sqlx::{AssertSqlSafe, Connection as _, PgConnection, Postgres, Row as _};

use crate::backend::{Asked, Backend, Failed, Within};
use crate::error::Meaning;
use crate::records::Records;
use crate::row::{self, COLUMN_COUNT, Found, Listed};
use crate::statement::{Placeholders, Statement, Value};
use crate::statements::{Statements, Syntax};
use crate::table::Table;
use crate::{joined, values};

use super::{error, sql};

/// PostgreSQL, and the statements that only it has.
#[derive(Debug)]
pub(crate) struct PgBackend {
    /// Whose claims wait for locks as long as the store does. They are not for a connection on which somebody left a transaction
    /// open.
    own: Statements,
    joined: Statements,
    /// Looks, and claims if there is nothing; waits for locks as long as the store does.
    ask: Statement,
    /// The same in a transaction of the caller's, which waits as long as its owner says.
    ask_joined: Statement,
    renumber: Statement,
    purge: Statement,
    extend_all: Statement,
    /// Until a pooler turns out to mix up what is prepared.
    prepares: AtomicBool,
}

impl PgBackend {
    pub(crate) fn new(table: &Table, pool: &PgPool) -> Self {
        if !prepares(pool) && !says(pool, "slow_statements_level: Off,") {
            warn_of_values_in_the_log();
        }
        let statement = |template: String| Statement::new(&template, Self::SYNTAX.placeholders);
        let patience = sql::patience(pool.options().get_acquire_timeout());
        let take = statement(sql::take(table, &patience));
        let issue = statement(Self::SYNTAX.issue(table, &patience));
        let issue_again = statement(sql::issue_again(table, &patience));
        let find = statement(sql::find(table));
        let abandoned = statement(Self::SYNTAX.abandoned(table, " AND ?0"));
        let inside = format!(" AND {}", sql::joined());
        let joined = Statements::wrapped("", &inside, &Self::SYNTAX, table);
        let others = Statements::wrapped("", &format!(" AND {}", sql::own()), &Self::SYNTAX, table);
        Self {
            own: Statements { find, take, issue, issue_again, abandoned, ..others },
            joined: Statements {
                find: statement(sql::find_joined(table)),
                take: statement(sql::take(table, &inside)),
                ..joined
            },
            ask: statement(sql::ask(table, &patience)),
            ask_joined: statement(sql::ask(table, &inside)),
            renumber: statement(sql::renumber(table)),
            purge: statement(sql::purge(table)),
            extend_all: statement(sql::extend_all(table)),
            prepares: AtomicBool::new(prepares(pool)),
        }
    }

    /// A claim that was late has a fence that may not be the greatest. Once it stands, there is no other.
    async fn renumber(&self, on: &mut PgConnection, values: &[Value<'_>]) -> Result<Fence, Failed> {
        let fence = self.acquire(on, &self.renumber, values).await?;
        Ok(fence.ok_or_else(|| StoreError::unavailable("the claim was so late that it has lapsed already"))?)
    }

    fn prepares(&self) -> bool {
        self.prepares.load(Ordering::Relaxed)
    }

    /// Whether a statement is to be sent once more, with its values written out: a pooler has handed it to a session that has
    /// not prepared it, or has prepared another under its name. It may hand out the next one as well, so from now on
    /// nothing is prepared. Inside a transaction of the caller's, which has failed with it, only the whole can be run again.
    fn must_write_out(&self, on: &PgConnection, error: &sqlx::Error) -> bool {
        match error.as_database_error().map(error::meaning) {
            Some(Meaning::Mixed) => {
                self.prepares.store(false, Ordering::Relaxed);
                warn_of_values_in_the_log();
                !on.is_in_transaction()
            }
            // Perhaps of another statement, which has other tables and other parameters.
            Some(Meaning::MissingTable | Meaning::CannotHold(_) | Meaning::Refused(_)) => !on.is_in_transaction(),
            _ => false,
        }
    }

    async fn rows(
        &self,
        on: &mut PgConnection,
        statement: &Statement,
        values: &[Value<'_>],
    ) -> Result<Vec<PgRow>, sqlx::Error> {
        // All rows, though there is one at most: the error of a commit comes after them.
        if self.prepares() {
            match statement.query::<Postgres>(values).fetch_all(&mut *on).await {
                Err(error) if self.must_write_out(on, &error) => {}
                answer => return answer,
            }
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
/// is used. The options tell it in no other way that cannot panic: as a URL they refuse some hosts.
pub(crate) fn prepares(pool: &PgPool) -> bool {
    !says(pool, "statement_cache_capacity: 0,")
}

fn says(pool: &PgPool, setting: &str) -> bool {
    format!("{:?}", pool.connect_options()).contains(setting)
}

fn warn_of_values_in_the_log() {
    static WARNED: Once = Once::new();

    WARNED.call_once(|| {
        tracing::warn!(
            target: "idem",
            "statements are sent with their values written out, since there is a pooler; sqlx writes slow statements to the \
             log, with keys and outcomes: give the options of the pool `log_slow_statements(LevelFilter::Off, …)`"
        );
    });
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
        read: ("", ""),
        text: ("", ""),
    };
    const CLAIMS_WHEN_ASKED: bool = true;
    const MIGRATIONS: &'static str = "migrations/postgres/*.sql";

    fn meaning(error: &dyn DatabaseError) -> Meaning {
        error::meaning(error)
    }

    fn is_in_a_transaction(error: &sqlx::Error) -> bool {
        error::is_in_a_transaction(error)
    }

    async fn table_is_missing(_on: &mut PgConnection, _table: &Table, error: &sqlx::Error) -> bool {
        error::is_missing_table(error)
    }

    fn extend_all(&self) -> &Statement {
        &self.extend_all
    }

    fn statements(&self, within: Within) -> &Statements {
        match within {
            Within::Itself => &self.own,
            Within::Caller => &self.joined,
        }
    }

    async fn list(
        &self,
        on: &mut PgConnection,
        values: &[Value<'_>],
    ) -> Result<Vec<Result<Listed, StoreError>>, Failed> {
        let statement = &self.statements(Within::Itself).abandoned;
        let rows = self.rows(on, statement, values).await?;
        Ok(rows.iter().map(row::list).collect())
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
        let claimed = match row.try_get::<Option<i64>, _>(COLUMN_COUNT + 1)? {
            Some(_) if row.try_get::<bool, _>(COLUMN_COUNT + 2)? => Some(self.renumber(on, &values).await?),
            fence => fence.map(Fence::from_number),
        };
        Ok(Asked { found: row::read(row, &request.key)?, claimed })
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
        if self.prepares() {
            match statement.query::<Postgres>(values).execute(&mut *on).await {
                Err(error) if self.must_write_out(on, &error) => {}
                done => return Ok(done?.rows_affected()),
            }
        }
        let done = sqlx::raw_sql(AssertSqlSafe(statement.written_out(values))).execute(on).await?;
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

#[cfg(test)]
mod tests {
    use sqlx::ConnectOptions as _;
    use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

    use super::{prepares, says};

    #[tokio::test]
    async fn a_pool_that_logs_no_slow_statement_says_so() {
        let quiet = PgConnectOptions::new_without_pgpass().disable_statement_logging();
        assert!(says(&PgPoolOptions::new().connect_lazy_with(quiet), "slow_statements_level: Off,"));
    }

    #[tokio::test]
    async fn a_pool_that_caches_no_statement_prepares_none_whatever_its_host_is() {
        for host in ["localhost", "::1", "/var/run/postgresql", "a b"] {
            for (capacity, prepared) in [(0, false), (1, true), (100, true)] {
                let options = PgConnectOptions::new_without_pgpass().host(host).statement_cache_capacity(capacity);
                let pool = PgPoolOptions::new().connect_lazy_with(options);
                assert_eq!(prepares(&pool), prepared, "{host}, {capacity}");
                assert!(!says(&pool, "slow_statements_level: Off,"));
            }
        }
    }
}
