//! Making the table.

use idem_core::StoreError;
use sqlx::AssertSqlSafe;

use super::backend::PgBackend;
use super::{PgStore, error_of};
use crate::backend::Backend as _;

const MIGRATION: &str = include_str!("../../migrations/postgres/0001_idem_records.sql");

impl PgStore {
    /// Makes the table, its index and its view, unless they are there. Any number of processes may do so at once.
    ///
    /// A schema of its own must be there. Those who have their own tool for migrations run
    /// `migrations/postgres/0001_idem_records.sql` instead.
    ///
    /// # Errors
    ///
    /// If the database cannot be written.
    pub async fn migrate(&self) -> Result<(), StoreError> {
        let migration = self.inner.records.table.migration(MIGRATION, PgBackend::SYNTAX.quote);
        let mut on = self.inner.writing().await?;
        // One transaction, and one at a time: `IF NOT EXISTS` alone fails when two make the same table at once.
        let alone = format!("SELECT pg_advisory_xact_lock(7234005881532117869);\n{migration}");
        sqlx::raw_sql(AssertSqlSafe(alone)).execute(&mut *on.connection).await.map_err(error_of)?;
        Ok(())
    }
}
