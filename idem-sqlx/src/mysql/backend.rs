//! MySQL and MariaDB as a backend.

use std::time::Duration;

use idem_core::{ClaimDecision, ClaimRequest, Fence, Key, StoreError};
use sqlx::error::DatabaseError;
use sqlx::mysql::{MySqlPool, MySqlRow};
use sqlx::{
    AssertSqlSafe, Connection as _, Executor as _, MySql, MySqlConnection, Row as _, SqlSafeStr as _, Statement as _,
};

use crate::backend::{Backend, Failed, Within, warn_of_a_transaction_of_nobody};
use crate::error::Meaning;
use crate::records::Records;
use crate::row::{self, COLUMN_COUNT, Found, Listed};
use crate::statement::{Placeholders, Statement, Value};
use crate::statements::{Statements, Syntax};
use crate::table::Table;
use crate::values;

use super::joining::Joining;
use super::{error, sql};

/// How many records are purged in one transaction: whoever needs one of them waits for the commit.
const PURGED_AT_ONCE: u32 = 500;

/// MySQL or MariaDB, and the statements that only they have.
#[derive(Debug)]
pub(crate) struct MySqlBackend {
    /// Wait for locks as long as the store does, and are not for a connection on which somebody left a transaction open.
    own: Statements,
    patient: Joining,
    impatient: Joining,
    purge: Statement,
    extend_all: Statement,
    fence: Statement,
}

impl MySqlBackend {
    pub(crate) fn new(table: &Table, pool: &MySqlPool) -> Self {
        let patience = sql::own_patience(pool.options().get_acquire_timeout());
        Self {
            own: sql::own(&patience, table),
            patient: Joining::patient(table),
            impatient: Joining::within(Duration::ZERO, table),
            purge: Statement::new(&sql::purge(table), Self::SYNTAX.placeholders),
            extend_all: Statement::new(&sql::extend_all(table), Self::SYNTAX.placeholders),
            fence: Statement::new(&sql::fence(table), Self::SYNTAX.placeholders),
        }
    }

    /// Reads the fence of a claim; `None` if somebody else has claimed the key since. An issued token has none to tell.
    async fn untold_fence(&self, on: &mut MySqlConnection, values: &[Value<'_>]) -> Result<Option<Fence>, sqlx::Error> {
        if !matches!(values.get(2), Some(Value::Text(_))) {
            return Ok(Some(Fence::from_number(0)));
        }
        let row = self.fence.query::<MySql>(values).fetch_optional(on).await?;
        row.map(|row| row.try_get(0).map(Fence::from_number)).transpose()
    }
}

/// What a statement has beside an outcome.
const BESIDE_AN_OUTCOME: u64 = 8 * 1024;

async fn row_of(
    on: &mut MySqlConnection,
    statement: &Statement,
    values: &[Value<'_>],
) -> Result<MySqlRow, sqlx::Error> {
    statement.query::<MySql>(values).fetch_all(on).await?.pop().ok_or(sqlx::Error::RowNotFound)
}

/// What a look of the store's own says of its session; zero if it was another look, or if all is well.
fn session(row: &MySqlRow) -> Result<i64, sqlx::Error> {
    const LAST: usize = COLUMN_COUNT + 1;

    if row.len() > LAST { row.try_get(LAST) } else { Ok(0) }
}

/// Mends what can be mended of a session, for the statements that follow.
async fn mend(on: &mut MySqlConnection, session: i64) -> Result<(), Failed> {
    if session & sql::WITHOUT_AUTOCOMMIT != 0 {
        // What is looked at here began a transaction as well.
        sqlx::raw_sql("ROLLBACK").execute(&mut *on).await?;
        return Err(Failed::Store(StoreError::refused(
            "the sessions of the pool have `autocommit = 0`, under which nothing is kept that idem writes; set \
             `autocommit = 1` for the pool of the store",
            None,
        )));
    }
    if session & sql::IN_A_TRANSACTION != 0 {
        warn_of_a_transaction_of_nobody();
        // Nobody is left to end it: the pool handed the connection on. What is written there would be acknowledged, and
        // never committed.
        sqlx::raw_sql("ROLLBACK").execute(&mut *on).await?;
    }
    if session & sql::READS_UNCOMMITTED != 0 {
        // Of the next transaction alone, which is the next look. An outcome that is not committed is not one.
        sqlx::raw_sql("SET TRANSACTION ISOLATION LEVEL READ COMMITTED").execute(&mut *on).await?;
    }
    Ok(())
}

/// Whether the server is MySQL and not MariaDB, to which the second column is a comment. A process may speak to both, so each
/// connection is asked. sqlx keeps with a connection what it has prepared there, and with it the answer.
async fn is_mysql(on: &mut MySqlConnection) -> Result<bool, sqlx::Error> {
    let asked = on.prepare("SELECT 0 /*!80000 , 1 */".into_sql_str()).await?;
    Ok(asked.columns().len() == 2)
}

impl Backend for MySqlBackend {
    type Database = MySql;

    const SYNTAX: Syntax = Syntax {
        placeholders: Placeholders::Unnumbered,
        quote: '`',
        // Not UNIX_TIMESTAMP(NOW(6)), which goes through the time zone of the session, and there an hour comes twice.
        now: "TIMESTAMPDIFF(MICROSECOND, '1970-01-01 00:00:00', UTC_TIMESTAMP(6))",
        least: "LEAST",
        greatest: "GREATEST",
        same: "<=>",
        // Neither has `UPDATE … RETURNING`; what this function is given comes back with the acknowledgement.
        told: ("LAST_INSERT_ID(", ")"),
        if_absent: "",
        returning: "",
        // The server converts texts to and from the character sets of the session, and what one of them lacks becomes `?`. It
        // leaves bytes alone.
        read: ("CAST(", " AS BINARY)"),
        text: ("CONVERT(", " USING utf8mb4)"),
    };
    const COUNTS_CHANGES: bool = true;
    const CLAIMS_AS_HEX: bool = true;
    const MIGRATIONS: &'static str = "migrations/mysql/*.sql";

    fn meaning(error: &dyn DatabaseError) -> Meaning {
        error::meaning(error)
    }

    /// The statements themselves find out on MariaDB. MySQL tells only with an acknowledgement, and sqlx looks at it only where a
    /// savepoint is set.
    async fn is_open_for_write(on: &mut MySqlConnection) -> Result<bool, sqlx::Error> {
        if !is_mysql(on).await? {
            return Ok(true);
        }
        match on.begin().await {
            // What it is rolled back to is what is there, and that is sent with the next statement.
            Ok(savepoint) => {
                drop(savepoint);
                Ok(true)
            }
            Err(sqlx::Error::BeginFailed) => Ok(false),
            Err(error) => Err(error),
        }
    }

    async fn table_is_missing(_on: &mut MySqlConnection, _table: &Table, error: &sqlx::Error) -> bool {
        error::is_missing_table(error)
    }

    fn extend_all(&self) -> &Statement {
        &self.extend_all
    }

    /// A server that is sent more closes the connection, and may not be heard to say why.
    async fn check_size(&self, on: &mut MySqlConnection, bytes: usize) -> Result<(), Failed> {
        let most: u64 = sqlx::query_scalar("SELECT CAST(@@max_allowed_packet AS UNSIGNED)").fetch_one(on).await?;
        if bytes as u64 + BESIDE_AN_OUTCOME <= most {
            return Ok(());
        }
        Err(Failed::Store(StoreError::refused(
            format!(
                "the outcome of {bytes} bytes is larger than `max_allowed_packet`, which is {most}; return less, or raise it"
            ),
            None,
        )))
    }

    fn statements(&self, within: Within) -> &Statements {
        match within {
            Within::Itself => &self.own,
            Within::Caller => &self.patient.statements,
        }
    }

    async fn list(
        &self,
        on: &mut MySqlConnection,
        values: &[Value<'_>],
    ) -> Result<Vec<Result<Listed, StoreError>>, Failed> {
        let session = sqlx::query_scalar(AssertSqlSafe(sql::ask_of_session())).fetch_one(&mut *on).await?;
        mend(on, session).await?;
        let statement = &self.statements(Within::Itself).abandoned;
        let rows = statement.query::<MySql>(values).fetch_all(on).await?;
        Ok(rows.iter().map(row::list).collect())
    }

    async fn find(
        &self,
        on: &mut MySqlConnection,
        statement: &Statement,
        values: &[Value<'_>],
        key: &Key,
    ) -> Result<Found, Failed> {
        let mut row = row_of(on, statement, values).await?;
        let session = session(&row)?;
        if session != 0 {
            mend(on, session).await?;
            row = row_of(on, statement, values).await?;
        }
        Ok(row::read(&row, key)?)
    }

    async fn acquire(
        &self,
        on: &mut MySqlConnection,
        statement: &Statement,
        values: &[Value<'_>],
    ) -> Result<Option<Fence>, sqlx::Error> {
        match statement.query::<MySql>(values).execute(&mut *on).await {
            Ok(done) if done.rows_affected() == 0 => Ok(None),
            // A trigger of any kind on the table, such as an online schema change makes, keeps a session from telling it.
            Ok(done) if done.last_insert_id() == 0 => self.untold_fence(on, values).await,
            Ok(done) => Ok(Some(Fence::from_number(done.last_insert_id().try_into().unwrap_or(i64::MAX)))),
            Err(error) if error::is_duplicate(&error) => Ok(None),
            Err(error) => Err(error),
        }
    }

    async fn execute(
        &self,
        on: &mut MySqlConnection,
        statement: &Statement,
        values: &[Value<'_>],
    ) -> Result<u64, sqlx::Error> {
        Ok(statement.query::<MySql>(values).execute(on).await?.rows_affected())
    }

    async fn purge(&self, records: &Records<Self>, on: &mut MySqlConnection, limit: u32) -> Result<u64, Failed> {
        let mut removed = 0;
        let mut left = limit;
        while left > 0 {
            let batch = left.min(PURGED_AT_ONCE);
            let batch_removed = records.execute(on, &self.purge, &values::limit(batch)).await?;
            removed += batch_removed;
            left -= batch;
            if batch_removed < batch.into() {
                break;
            }
        }
        Ok(removed)
    }

    async fn claim_joined(
        &self,
        records: &Records<Self>,
        on: &mut MySqlConnection,
        request: &ClaimRequest,
        patience: Option<Duration>,
    ) -> Result<ClaimDecision, Failed> {
        match patience {
            None => self.patient.claim(records, on, request).await,
            Some(Duration::ZERO) => self.impatient.claim_within(Duration::ZERO, records, on, request).await,
            Some(patience) => {
                let joining = Joining::within(patience, &records.table);
                joining.claim_within(patience, records, on, request).await
            }
        }
    }
}
