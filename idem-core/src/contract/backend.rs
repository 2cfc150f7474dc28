//! What the author of a store provides, and how a case is run on it.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;

use crate::Store;

/// How long a case may take before it counts as stuck.
const PATIENCE: Duration = Duration::from_mins(1);

/// A database, server or file under test, and the stores on it.
///
/// See [`contract`](mod@crate::contract) for an example.
#[async_trait]
pub trait Backend: Send + Sync + 'static {
    /// Opens a backend that holds no record, and that no other case uses: a file, schema or key prefix of its own.
    async fn open() -> Self
    where
        Self: Sized;

    /// A store on this backend that shares nothing with the others on it but the backend: its own pool, its own client.
    /// Sharing one would hide races.
    async fn store(&self) -> Arc<dyn Store>;

    /// As [`store`](Self::store), with at most this many connections. A backend without connections has nothing to do.
    async fn store_with_connections(&self, most: u32) -> Arc<dyn Store> {
        let _ = most;
        self.store().await
    }
}

/// Runs a case on a backend of its own, on a runtime of its own with two threads.
///
/// # Panics
///
/// If the case fails, or takes longer than a minute.
pub fn run<B: Backend>(case: impl AsyncFnOnce(&dyn Backend)) {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("the runtime of a case can be built");
    runtime.block_on(async {
        let backend = B::open().await;
        tokio::time::timeout(PATIENCE, case(&backend)).await.expect("the case ends within a minute");
    });
}
