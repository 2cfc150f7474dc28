//! Making tables: only those that are missing, and one process at a time.

use idem_core::StoreError;
use sqlx::{AssertSqlSafe, PgConnection, Row as _};

use super::error;

/// Held by whoever makes tables of ours: a number at random, which nobody else uses.
const LOCK: i64 = 7_234_005_881_532_117_869;

/// Runs a migration, unless `look`, a query for one flag, says that all of it is there.
///
/// It looks first because `CREATE INDEX IF NOT EXISTS` locks out all writers and waits for those that there are, and needs the
/// owner of the table, also if it then does nothing.
pub(crate) async fn run(on: &mut PgConnection, look: &str, migration: &str) -> Result<(), StoreError> {
    make(on, look, migration).await.map_err(error::while_migrating)
}

/// Ends a transaction that somebody left open on the connection: tables that are made there are gone when it closes.
async fn end_of_nobody(on: &mut PgConnection) -> Result<(), sqlx::Error> {
    let is_open = sqlx::raw_sql("SELECT now() <> statement_timestamp()").fetch_one(&mut *on).await;
    match is_open.and_then(|row| row.try_get(0)) {
        Ok(false) => Ok(()),
        // That, or it has failed.
        _ => sqlx::raw_sql("ROLLBACK").execute(on).await.map(drop),
    }
}

async fn make(on: &mut PgConnection, look: &str, migration: &str) -> Result<(), sqlx::Error> {
    end_of_nobody(on).await?;
    let rows = sqlx::raw_sql(AssertSqlSafe(look)).fetch_all(&mut *on).await?;
    if rows.first().ok_or(sqlx::Error::RowNotFound)?.try_get(0)? {
        return Ok(());
    }
    // One message is one transaction, and one at a time gets there: `IF NOT EXISTS` alone fails when two make the same
    // table at once.
    let alone = format!("SELECT pg_advisory_xact_lock({LOCK});\n{migration}");
    sqlx::raw_sql(AssertSqlSafe(alone)).execute(on).await.map(drop)
}
