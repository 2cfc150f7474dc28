//! Making the table.

use idem_core::StoreError;

use super::backend::PgBackend;
use super::{PgStore, migration};
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
        let mut on = self.inner.writing(self.inner.deadline()).await?;
        let [look, make] =
            [LOOK, MIGRATION].map(|sql| self.inner.records.table.migration(sql, PgBackend::SYNTAX.quote));
        migration::run(&mut on.connection, &look, &make).await
    }
}
