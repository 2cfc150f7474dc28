//! A claim in the caller's transaction, which may see what was there when it began and not what is there.

use std::time::Duration;

use idem_core::{ClaimDecision, ClaimRequest, Key};
use sqlx::{MySql, MySqlConnection, Row as _};
use tokio::time::Instant;

use crate::backend::{Backend as _, Failed};
use crate::races::{MOST_RACES, too_many_races};
use crate::records::{Records, Step};
use crate::row::{self, COLUMN_COUNT, Found};
use crate::statement::Statement;
use crate::statements::Statements;
use crate::table::Table;
use crate::values;

use super::backend::MySqlBackend;
use super::{error, sql};

/// How often a key that MySQL would not wait for is looked at again.
const PAUSE: Duration = Duration::from_millis(20);

/// The statements of a claim.
#[derive(Debug)]
pub(super) struct Joining {
    pub(super) statements: Statements,
    find_first: Statement,
    find_current: Statement,
}

impl Joining {
    /// Waits for locks as long as the session does.
    pub(super) fn patient(table: &Table) -> Self {
        let inside = sql::inside();
        let find = sql::tell(&MySqlBackend::SYNTAX.find(table));
        Self {
            statements: Statements::wrapped(&inside, "", &MySqlBackend::SYNTAX, table),
            find_first: statement(&(inside.clone() + &find)),
            find_current: statement(&(inside + &sql::find_current(table))),
        }
    }

    /// Waits for locks as long as `patience`.
    pub(super) fn within(patience: Duration, table: &Table) -> Self {
        let patience = sql::inside_with_patience(patience);
        let find = patience.clone() + &sql::find_impatiently(table);
        let others = Statements::wrapped(&patience, "", &MySqlBackend::SYNTAX, table);
        Self {
            find_first: statement(&sql::tell(&find)),
            statements: Statements { find: statement(&find), ..others },
            find_current: statement(&(patience + &sql::find_current_impatiently(table))),
        }
    }

    /// Claims, and waits for others as long as its statements do.
    ///
    /// The first look is at the snapshot of the transaction, and takes no lock. Of what is seen there, an outcome does not
    /// change any more, and a running claim is worth no lock for which its holder would have to wait. Anything else may be
    /// old. Under `READ UNCOMMITTED` nothing of it is trusted: an outcome may be rolled back yet.
    pub(super) async fn claim(
        &self,
        records: &Records<MySqlBackend>,
        on: &mut MySqlConnection,
        request: &ClaimRequest,
    ) -> Result<ClaimDecision, Failed> {
        use ClaimDecision::{InProgress, Replay};

        let (mut found, is_committed) = self.look_first(on, &request.key).await?;
        for race in 0..MOST_RACES {
            match Records::<MySqlBackend>::decide(request, found) {
                Step::Decided(decision)
                    if race > 0 || (is_committed && matches!(decision, Replay(_) | InProgress { .. })) =>
                {
                    return Ok(decision);
                }
                Step::Acquire(claim, found) => {
                    if let Some(decision) = records.acquire(on, request, claim, &found, &self.statements).await? {
                        return Ok(decision);
                    }
                }
                Step::Decided(_) | Step::Raced => {}
            }
            found = self.look(&self.find_current, records, on, &request.key).await?;
        }
        Err(too_many_races().into())
    }

    /// As [`claim`](Self::claim), for `patience` at most.
    pub(super) async fn claim_within(
        &self,
        patience: Duration,
        records: &Records<MySqlBackend>,
        on: &mut MySqlConnection,
        request: &ClaimRequest,
    ) -> Result<ClaimDecision, Failed> {
        let asked = Instant::now();
        loop {
            let error = match self.claim(records, on, request).await {
                Err(Failed::Sqlx(error)) if error::is_lock_timeout(&error) => error,
                answer => return answer,
            };
            if error::is_not_waited_for(&error) && asked.elapsed() < patience {
                tokio::time::sleep(PAUSE).await;
                continue;
            }
            if rolls_back_on_timeout(on).await? {
                return Err(error.into());
            }
            return Ok(ClaimDecision::InProgress { lease_left: Duration::ZERO });
        }
    }

    /// What the transaction's snapshot shows, and whether that is committed.
    async fn look_first(&self, on: &mut MySqlConnection, key: &Key) -> Result<(Found, bool), Failed> {
        const SEES_UNCOMMITTED: usize = COLUMN_COUNT + 1;

        let rows = self.find_first.query::<MySql>(&values::on_key(key)).fetch_all(on).await?;
        let row = rows.first().ok_or(sqlx::Error::RowNotFound)?;
        let is_committed = row.try_get::<i64, _>(SEES_UNCOMMITTED)? == 0;
        Ok((row::read(row, key)?, is_committed))
    }

    async fn look(
        &self,
        statement: &Statement,
        records: &Records<MySqlBackend>,
        on: &mut MySqlConnection,
        key: &Key,
    ) -> Result<Found, Failed> {
        records.backend.find(on, statement, &values::on_key(key), key).await
    }
}

/// Whether a lock that was not had in time has ended the caller's whole transaction, and not one statement.
async fn rolls_back_on_timeout(on: &mut MySqlConnection) -> Result<bool, sqlx::Error> {
    let answer: i64 = sqlx::query_scalar("SELECT CAST(@@innodb_rollback_on_timeout AS SIGNED)").fetch_one(on).await?;
    Ok(answer != 0)
}

fn statement(template: &str) -> Statement {
    Statement::new(template, MySqlBackend::SYNTAX.placeholders)
}
