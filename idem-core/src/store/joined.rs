//! Stores that can keep their records in a transaction of the caller's.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;

use crate::{Claim, ClaimDecision, ClaimRequest, Outcome, StoreError};

/// What can be given as the store of a call inside the caller's transaction: a store of the transaction's own database, an
/// `Arc` of one, or a reference to one of these.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot keep its records in a transaction that is `{Tx}`",
    label = "not the store of this transaction",
    note = "a `PgStore` joins a `sqlx::PgTransaction`, a `MySqlStore` a `sqlx::MySqlTransaction`, a `SqliteStore` a \
            `sqlx::SqliteTransaction`; each also joins a connection on which a transaction is open",
    note = "a pool has no transaction of its own; begin one before the call: `let mut tx = pool.begin().await?`",
    note = "a guard is joined through what it guards: `tx = *tx`",
    note = "a `MemoryStore` has no transactions, and an `Arc<dyn Store>` does not say of which database it is; keep the store \
            itself, or an `Arc` of it"
)]
pub trait Join<Tx: ?Sized> {
    /// The store, in a handle of its own, so that the body may move what the caller's expression borrows.
    type Handle: Send + Sync + 'static;

    /// A handle of its own to the store. Cheap: nothing but a count goes up.
    fn handle(&self) -> Self::Handle;

    /// The store inside the transaction.
    fn join<'t>(handle: &'t Self::Handle, tx: &'t mut Tx) -> Box<dyn JoinedStore + 't>;
}

/// A store inside a transaction of the caller's. What it writes is committed, or vanishes, with everything else there.
///
/// Restates [`decision`](crate::decision) as a [`Store`](crate::Store) does. An error may leave the transaction as the
/// database leaves it after an error; the caller rolls back.
#[async_trait]
pub trait JoinedStore: Send {
    /// Claims a key, or says why not. Where another open transaction holds the key, waits until that one ends, or for
    /// `patience`; then the answer is `InProgress` with no lease left, and the caller's transaction goes on.
    ///
    /// # Errors
    ///
    /// Retryable, if the database wants the whole transaction run again.
    async fn claim(&mut self, request: &ClaimRequest, patience: Option<Duration>) -> Result<ClaimDecision, StoreError>;

    /// Stores the outcome of a claim that was made in this transaction.
    ///
    /// # Errors
    ///
    /// [`claim_lost`](StoreError::claim_lost) if the claim is not in this transaction any more.
    async fn complete(&mut self, claim: &Claim, outcome: &Outcome, retention: Duration) -> Result<(), StoreError>;

    /// Ends the attempt with nothing to keep.
    ///
    /// # Errors
    ///
    /// As [`complete`](Self::complete), and if an error of the body has ended the transaction already.
    async fn release(&mut self, claim: &Claim) -> Result<(), StoreError>;
}

impl<Tx: ?Sized, T: Join<Tx> + ?Sized> Join<Tx> for &T {
    type Handle = T::Handle;

    fn handle(&self) -> Self::Handle {
        (**self).handle()
    }

    fn join<'t>(handle: &'t Self::Handle, tx: &'t mut Tx) -> Box<dyn JoinedStore + 't> {
        T::join(handle, tx)
    }
}

impl<Tx: ?Sized, T: Join<Tx> + ?Sized> Join<Tx> for Arc<T> {
    type Handle = T::Handle;

    fn handle(&self) -> Self::Handle {
        (**self).handle()
    }

    fn join<'t>(handle: &'t Self::Handle, tx: &'t mut Tx) -> Box<dyn JoinedStore + 't> {
        T::join(handle, tx)
    }
}
