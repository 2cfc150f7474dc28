//! What every store has, whatever its database.

/// The store that others see: a handle, cheap to clone, to what is [`Pooled`].
///
/// ```text
/// // Input:
/// store!(SqliteStore, Sqlite, SqliteConnection);
/// // Output, beside what every store has:
/// impl Store for SqliteStore { … }
/// ```
macro_rules! store {
    ($store:ident, $database:ty, $connection:ty) => {
        impl $store {
            /// The pool, for the application's own statements.
            #[must_use]
            pub fn pool(&self) -> &sqlx::Pool<$database> {
                &self.inner.pool
            }

            /// The same store, whose calls end within `limit` each, 10 s unless set. That includes the wait for a connection,
            /// and for locks of others.
            ///
            /// A call that has no answer by then fails with an error that is
            /// [retryable](idem_core::StoreError::is_retryable) and
            /// [ambiguous](idem_core::StoreError::is_ambiguous), and its connection is closed. Calls inside a transaction of
            /// the caller's, and `migrate`, take as long as the database does.
            #[must_use]
            pub fn time_limit(self, limit: std::time::Duration) -> Self {
                Self { inner: std::sync::Arc::new(self.inner.within(limit)) }
            }
        }

        impl std::fmt::Debug for $store {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                let table = self.inner.records.table.to_string();
                f.debug_struct(stringify!($store)).field("table", &table).finish_non_exhaustive()
            }
        }

        impl idem_core::AsStore for $store {
            fn as_store(&self) -> std::sync::Arc<dyn idem_core::Store> {
                self.inner.clone()
            }
        }

        #[async_trait::async_trait]
        impl idem_core::Store for $store {
            async fn claim(
                &self,
                request: &idem_core::ClaimRequest,
            ) -> Result<idem_core::ClaimDecision, idem_core::StoreError> {
                self.inner.claim(request).await
            }

            async fn extend(
                &self,
                claim: &idem_core::Claim,
                lease: std::time::Duration,
            ) -> Result<(), idem_core::StoreError> {
                self.inner.extend(claim, lease).await
            }

            async fn extend_all(&self, extensions: &[idem_core::Extension]) -> Vec<Result<(), idem_core::StoreError>> {
                self.inner.extend_all(extensions).await
            }

            async fn complete(
                &self,
                claim: &idem_core::Claim,
                outcome: &idem_core::Outcome,
                retention: std::time::Duration,
            ) -> Result<(), idem_core::StoreError> {
                self.inner.complete(claim, outcome, retention).await
            }

            async fn release(&self, claim: &idem_core::Claim) -> Result<(), idem_core::StoreError> {
                self.inner.release(claim).await
            }

            async fn abandon(&self, claim: &idem_core::Claim) -> Result<(), idem_core::StoreError> {
                self.inner.abandon(claim).await
            }

            async fn issue(
                &self,
                key: &idem_core::Key,
                lifetime: std::time::Duration,
            ) -> Result<idem_core::IssueDecision, idem_core::StoreError> {
                self.inner.issue(key, lifetime).await
            }

            async fn lookup(&self, key: &idem_core::Key) -> Result<Option<idem_core::Observed>, idem_core::StoreError> {
                self.inner.lookup(key).await
            }

            async fn resolve(
                &self,
                key: &idem_core::Key,
                claim_id: idem_core::ClaimId,
                resolution: &idem_core::Resolution,
            ) -> Result<(), idem_core::StoreError> {
                self.inner.resolve(key, claim_id, resolution).await
            }

            async fn purge_expired(&self, limit: u32) -> Result<u64, idem_core::StoreError> {
                self.inner.purge_expired(limit).await
            }

            fn listen(&self, key: &idem_core::Key) -> Option<Box<dyn idem_core::Listener>> {
                self.inner.listen(key)
            }
        }

        /// Looks through the records in the order of their keys: there is no index of what waits.
        #[async_trait::async_trait]
        impl idem_core::Operator for $store {
            async fn abandoned(
                &self,
                from: Option<&idem_core::Cursor>,
                limit: u32,
            ) -> Result<idem_core::AbandonedPage, idem_core::StoreError> {
                self.inner.abandoned_page(from, limit).await
            }
        }

        #[diagnostic::do_not_recommend]
        impl<'c> idem_core::Join<sqlx::Transaction<'c, $database>> for $store {
            type Handle = Self;

            fn handle(&self) -> Self {
                self.clone()
            }

            fn join<'t>(
                handle: &'t Self,
                tx: &'t mut sqlx::Transaction<'c, $database>,
            ) -> Box<dyn idem_core::JoinedStore + 't> {
                Box::new(crate::joined::Joined::new(&handle.inner.records, &mut **tx))
            }
        }

        #[diagnostic::do_not_recommend]
        impl idem_core::Join<$connection> for $store {
            type Handle = Self;

            fn handle(&self) -> Self {
                self.clone()
            }

            fn join<'t>(handle: &'t Self, connection: &'t mut $connection) -> Box<dyn idem_core::JoinedStore + 't> {
                Box::new(crate::joined::Joined::new(&handle.inner.records, connection))
            }
        }
    };
}
pub(crate) use store;
