//! All that an expansion may name. Not a public interface: it changes with the macros, which are pinned to this version.

use std::sync::Arc;

use serde::Serialize;
use serde::de::DeserializeOwned;

pub use idem_core::{Abandoned, Execution, InFlight, Site};

use idem_core::{AsStore, Error, ErrorPolicy, IntoKey, Operation, Store};

/// The store of a call, in a handle of its own, so that the body may move what the expression borrows.
pub fn store<S: AsStore + ?Sized>(store: &S) -> Arc<dyn Store> {
    store.as_store()
}

/// A call of the function at `site`.
pub fn operation<K: IntoKey + ?Sized>(site: &'static Site, key: &K) -> Operation {
    Operation::at(site, key)
}

/// Runs the body at most once per key, or replays what it returned.
///
/// # Errors
///
/// As [`Operation::run`].
pub async fn call<T, E, Errors, Body, Running>(
    store: Arc<dyn Store>,
    operation: Operation<Errors>,
    body: Body,
) -> Result<T, E>
where
    T: Serialize + DeserializeOwned,
    E: From<Error>,
    Body: FnOnce(Execution) -> Running,
    Running: Future<Output = Result<T, E>>,
    Errors: ErrorPolicy<E>,
{
    operation.call(store, body).await
}
