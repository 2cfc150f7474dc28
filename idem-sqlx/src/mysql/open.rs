//! Making the table.

use idem_core::StoreError;
use sqlx::AssertSqlSafe;

use super::backend::MySqlBackend;
use super::{MySqlStore, error_of};
use crate::backend::Backend as _;

const MIGRATION: &str = include_str!("../../migrations/mysql/0001_idem_records.sql");

impl MySqlStore {
    /// Makes the table, its index and its view, unless they are there. Any number of processes may do so at once.
    ///
    /// Those who have their own tool for migrations run `migrations/mysql/0001_idem_records.sql` instead.
    ///
    /// # Errors
    ///
    /// If the database cannot be written.
    pub async fn migrate(&self) -> Result<(), StoreError> {
        let migration = self.inner.records.table.migration(MIGRATION, MySqlBackend::SYNTAX.quote);
        let mut on = self.inner.writing(self.inner.deadline()).await?;
        sqlx::raw_sql(AssertSqlSafe(migration)).execute(&mut *on.connection).await.map_err(error_of)?;
        Ok(())
    }
}
