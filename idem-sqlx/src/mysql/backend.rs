//! MySQL and MariaDB as a backend.

use std::time::Duration;

use idem_core::{ClaimDecision, ClaimRequest, Fence, Key};
use sqlx::error::DatabaseError;
use sqlx::mysql::{MySqlPool, MySqlRow};
use sqlx::{MySql, MySqlConnection, Row as _};

use crate::backend::{Backend, Failed, Within, warn_of_a_transaction_of_nobody};
use crate::error::Meaning;
use crate::records::Records;
use crate::row::{self, COLUMN_COUNT, Found};
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
}

impl MySqlBackend {
    pub(crate) fn new(table: &Table, pool: &MySqlPool) -> Self {
        let patience = sql::own_patience(pool.options().get_acquire_timeout());
        Self {
            own: sql::own(&patience, table),
            patient: Joining::patient(table),
            impatient: Joining::within(Duration::ZERO, table),
            purge: Statement::new(&sql::purge(table), Self::SYNTAX.placeholders),
        }
    }
}

async fn row_of(
    on: &mut MySqlConnection,
    statement: &Statement,
    values: &[Value<'_>],
) -> Result<MySqlRow, sqlx::Error> {
    statement.query::<MySql>(values).fetch_all(on).await?.pop().ok_or(sqlx::Error::RowNotFound)
}

/// Whether a transaction is open on a connection that came from the pool. Nobody is left to end it: the pool handed the
/// connection on. What is written there would be acknowledged, and never committed.
fn is_in_a_transaction(row: &MySqlRow) -> Result<bool, sqlx::Error> {
    const LAST: usize = COLUMN_COUNT + 1;

    Ok(row.len() > LAST && row.try_get::<i64, _>(LAST)? != 0)
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
    };
    const MIGRATIONS: &'static str = "migrations/mysql/*.sql";

    fn meaning(error: &dyn DatabaseError) -> Meaning {
        error::meaning(error)
    }

    async fn table_is_missing(_on: &mut MySqlConnection, _table: &Table, error: &sqlx::Error) -> bool {
        error::is_missing_table(error)
    }

    fn statements(&self, within: Within) -> &Statements {
        match within {
            Within::Itself => &self.own,
            Within::Caller => &self.patient.statements,
        }
    }

    async fn find(
        &self,
        on: &mut MySqlConnection,
        statement: &Statement,
        values: &[Value<'_>],
        key: &Key,
    ) -> Result<Found, Failed> {
        let mut row = row_of(on, statement, values).await?;
        if is_in_a_transaction(&row)? {
            warn_of_a_transaction_of_nobody();
            sqlx::raw_sql("ROLLBACK").execute(&mut *on).await?;
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
        match statement.query::<MySql>(values).execute(on).await {
            Ok(done) if done.rows_affected() == 0 => Ok(None),
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
