//! MySQL and MariaDB as a backend.

use std::time::Duration;

use idem_core::{ClaimDecision, ClaimRequest, Fence, Key};
use sqlx::error::DatabaseError;
use sqlx::{MySql, MySqlConnection};

use crate::backend::{Backend, Failed};
use crate::error::Meaning;
use crate::records::{MOST_RACES, Records, Step, too_many_races};
use crate::row::{self, Found};
use crate::statement::{Placeholders, Statement, Value};
use crate::statements::Syntax;
use crate::table::Table;
use crate::values;

use super::error;

/// MySQL or MariaDB, and the statements that only they have.
#[derive(Debug)]
pub(crate) struct MySqlBackend {
    purge: Statement,
    /// Reads what is there now, and not what was there when the transaction took its snapshot.
    find_current: Statement,
}

impl MySqlBackend {
    pub(crate) fn new(table: &Table) -> Self {
        let statement = |template: String| Statement::new(&template, Self::SYNTAX.placeholders);
        let find_current = format!("{} LOCK IN SHARE MODE", Self::SYNTAX.find(table));
        Self { purge: statement(purge(table)), find_current: statement(find_current) }
    }
}

fn purge(table: &Table) -> String {
    let (table, expired) = (MySqlBackend::SYNTAX.table(table), MySqlBackend::SYNTAX.expired());
    format!("DELETE FROM {table} WHERE {expired} ORDER BY purge_from LIMIT ?1")
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

    async fn purge(&self, records: &Records<Self>, on: &mut MySqlConnection, limit: u32) -> Result<u64, Failed> {
        records.execute(on, &self.purge, &values::limit(limit)).await
    }

    async fn claim_joined(
        &self,
        records: &Records<Self>,
        on: &mut MySqlConnection,
        request: &ClaimRequest,
        patience: Option<Duration>,
    ) -> Result<ClaimDecision, Failed> {
        let _ = (patience, error::is_lock_timeout);
        // The first look is at the snapshot of the transaction and locks nothing. Only an outcome does not change any
        // more; whatever else is seen there may be old.
        let values = values::on_key(&request.key);
        let mut statement = &records.statements.find;
        for _ in 0..MOST_RACES {
            let found = self.find(on, statement, &values, &request.key).await?;
            let is_old = std::ptr::eq(statement, &records.statements.find);
            statement = &self.find_current;
            match Records::<Self>::decide(request, found) {
                Step::Decided(decision @ ClaimDecision::Replay(_)) => return Ok(decision),
                Step::Decided(_) if is_old => {}
                Step::Decided(decision) => return Ok(decision),
                Step::Acquire(claim, found) => {
                    if let Some(decision) = records.acquire(on, request, claim, &found).await? {
                        return Ok(decision);
                    }
                }
                Step::Raced => {}
            }
        }
        Err(too_many_races().into())
    }
}
