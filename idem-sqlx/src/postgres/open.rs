//! Making the table.

use idem_core::StoreError;
use sqlx::{AssertSqlSafe, PgConnection, Row as _};

use super::backend::PgBackend;
use super::{PgStore, error};
use crate::backend::Backend as _;

const MIGRATION: &str = include_str!("../../migrations/postgres/0001_idem_records.sql");

const LOOK: &str = "SELECT to_regclass('\"idem_records_readable\"') IS NOT NULL AND EXISTS (\
    SELECT FROM pg_catalog.pg_index JOIN pg_catalog.pg_class ON pg_class.oid = indexrelid \
    WHERE indrelid = to_regclass('\"idem_records\"') AND relname = 'idem_records_purge_from')";

impl PgStore {
    /// Makes the table, its index and its view, unless they are there. Any number of processes may do so at once.
    ///
    /// Where all three are found, as the user of the pool finds them, nothing is locked and no right to make tables is
    /// needed. A schema of its own must be there. Those who have their own tool for migrations run
    /// `migrations/postgres/0001_idem_records.sql` instead.
    ///
    /// # Errors
    ///
    /// If the database cannot be written, or its user may not make tables there.
    pub async fn migrate(&self) -> Result<(), StoreError> {
        let mut on = self.inner.writing().await?;
        self.make(&mut on.connection).await.map_err(error::while_migrating)
    }

    async fn make(&self, on: &mut PgConnection) -> Result<(), sqlx::Error> {
        let migration = self.inner.records.table.migration(MIGRATION, PgBackend::SYNTAX.quote);
        if self.is_there(on).await? {
            return Ok(());
        }
        // One message is one transaction, and one at a time gets there: `IF NOT EXISTS` alone fails when two make the same
        // table at once.
        let alone = format!("SELECT pg_advisory_xact_lock(7234005881532117869);\n{migration}");
        sqlx::raw_sql(AssertSqlSafe(alone)).execute(on).await.map(drop)
    }

    /// Looks before it makes anything: `CREATE INDEX IF NOT EXISTS` locks out all writers and waits for those that there
    /// are, also if it then does nothing.
    async fn is_there(&self, on: &mut PgConnection) -> Result<bool, sqlx::Error> {
        let look = self.inner.records.table.migration(LOOK, PgBackend::SYNTAX.quote);
        let rows = sqlx::raw_sql(AssertSqlSafe(look)).fetch_all(on).await?;
        rows.first().ok_or(sqlx::Error::RowNotFound)?.try_get(0)
    }
}
