//! MySQL and MariaDB as a backend.

use std::time::Duration;

use idem_core::{ClaimDecision, ClaimRequest, Fence, Key};
use sqlx::error::DatabaseError;
use sqlx::{MySql, MySqlConnection, MySqlPool};

use crate::backend::{Backend, Failed};
use crate::error::Meaning;
use crate::records::Records;
use crate::row::{self, Found};
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
    /// Wait for locks as long as the store does.
    alone: Statements,
    patient: Joining,
    impatient: Joining,
    purge: Statement,
}

impl MySqlBackend {
    pub(crate) fn new(table: &Table, pool: &MySqlPool) -> Self {
        let patience = sql::own_patience(pool.options().get_acquire_timeout());
        Self {
            alone: Statements::prefixed(&patience, &Self::SYNTAX, table),
            patient: Joining::patient(table),
            impatient: Joining::within(Duration::ZERO, table),
            purge: Statement::new(&sql::purge(table), Self::SYNTAX.placeholders),
        }
    }
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

    async fn find(
        &self,
        on: &mut MySqlConnection,
        statement: &Statement,
        values: &[Value<'_>],
        key: &Key,
    ) -> Result<Found, Failed> {
        let rows = statement.query::<MySql>(values).fetch_all(on).await?;
        Ok(row::read(rows.first().ok_or(sqlx::Error::RowNotFound)?, key)?)
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

    fn alone(&self) -> Option<&Statements> {
        Some(&self.alone)
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
