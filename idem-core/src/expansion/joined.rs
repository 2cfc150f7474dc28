//! What an expansion with `tx` says: the claim, the body and the outcome borrow the transaction one after another.

use std::marker::PhantomData;
use std::ops::ControlFlow;

use super::Returns;
use crate::engine::{self, JoinedSession};
use crate::{Execution, Join, JoinedStore, Operation};

/// The store of a call in the caller's transaction. It names no type of the store: rustc would report a store that does not
/// fit where that type is needed, and again at the call.
pub struct Joining<'s, Tx: ?Sized>(Box<dyn Joins<Tx> + 's>);

impl<Tx: ?Sized> Joining<'_, Tx> {
    /// The store inside the transaction, for one half of the call.
    pub fn join<'t>(&'t self, tx: &'t mut Tx) -> Box<dyn JoinedStore + 't> {
        self.0.join(tx)
    }
}

/// A store of a type that need not be known.
trait Joins<Tx: ?Sized>: Send + Sync {
    fn join<'t>(&'t self, tx: &'t mut Tx) -> Box<dyn JoinedStore + 't>;
}

/// A handle to a store, and how it joins.
struct Joiner<Handle, Tx: ?Sized> {
    handle: Handle,
    join: for<'t> fn(&'t Handle, &'t mut Tx) -> Box<dyn JoinedStore + 't>,
}

impl<Handle: Send + Sync, Tx: ?Sized> Joins<Tx> for Joiner<Handle, Tx> {
    fn join<'t>(&'t self, tx: &'t mut Tx) -> Box<dyn JoinedStore + 't> {
        (self.join)(&self.handle, tx)
    }
}

/// The type of a transaction, which borrows nothing.
pub struct Transaction<Tx: ?Sized>(PhantomData<fn(&mut Tx)>);

/// The type of the transaction `_tx`.
pub fn transaction<Tx: ?Sized>(_tx: &mut Tx) -> Transaction<Tx> {
    Transaction(PhantomData)
}

/// The store of a call in a transaction.
pub fn joining<'s, S, Tx>(_: Transaction<Tx>, store: &S) -> Joining<'s, Tx>
where
    S: Join<Tx> + ?Sized,
    Tx: ?Sized + 's,
{
    Joining(Box::new(Joiner { handle: store.handle(), join: S::join }))
}

/// Takes what a body captures. It is never called: that it could be is what makes the body capture by value.
pub fn captured<T>(_: T) {}

/// A call in the caller's transaction, between its claim and its outcome.
pub struct JoinedCall<R, T, E>(JoinedSession<Returns<R, T, E>>);

/// Claims in the caller's transaction; breaks with the answer if the body must not run.
pub async fn begin<R, T, E>(
    store: Box<dyn JoinedStore + '_>,
    operation: Operation,
    returns: Returns<R, T, E>,
) -> ControlFlow<R, JoinedCall<R, T, E>> {
    match engine::join(store, operation.into_terms(), returns).await {
        ControlFlow::Continue(session) => ControlFlow::Continue(JoinedCall(session)),
        ControlFlow::Break(answer) => ControlFlow::Break(answer),
    }
}

impl<R, T, E> JoinedCall<R, T, E> {
    /// What the body may know of its own execution.
    #[must_use]
    pub fn execution(&self) -> Execution {
        self.0.execution()
    }

    /// Runs the body.
    pub fn run<Body: Future<Output = R>>(&self, body: Body) -> impl Future<Output = R> {
        self.0.run(body)
    }

    /// Stores what the body returned.
    pub fn settle(self, store: Box<dyn JoinedStore + '_>, returned: R) -> impl Future<Output = R> {
        self.0.settle(store, returned)
    }
}

opaque! {
    "Transaction": impl[Tx: ?Sized] Transaction<Tx>;
    "Joining": impl[Tx: ?Sized] Joining<'_, Tx>;
    "JoinedCall": impl[R, T, E] JoinedCall<R, T, E>;
}
