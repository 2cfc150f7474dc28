//! A call inside the caller's transaction.

use std::ops::ControlFlow;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::answer::{Answer, Kept};
use crate::{Error, Execution, Join, Lent, Operation, ReleaseErrors, engine};

impl Operation {
    /// Runs the body at most once per key in the caller's transaction `tx`, or replays what it returned: the claim, what the
    /// body writes there and the outcome are committed together, or vanish together.
    ///
    /// A duplicate in another transaction waits until this one has ended, or as
    /// [`in_flight`](Operation::in_flight) says, and does not abort its own. There is no
    /// [`lease`](Operation::lease) and there are no counted attempts: both are refused.
    ///
    /// The body gets the transaction lent, see [`Lent`]. What it returns as an error is returned; roll the transaction
    /// back then. If the future is dropped, roll back too: what the body wrote so far is still in the transaction.
    ///
    /// # Errors
    ///
    /// The body's own error, or an [`Error`] that says why there is no outcome.
    pub async fn run_in<'t, T, E, S, Tx, Body, Running>(
        self,
        store: &S,
        tx: &'t mut Tx,
        body: Body,
    ) -> Result<Answer<T>, E>
    where
        T: Serialize + DeserializeOwned,
        E: From<Error>,
        S: Join<Tx> + ?Sized,
        Tx: ?Sized,
        Body: FnOnce(Lent<&'t mut Tx>, Execution) -> Running,
        Running: Future<Output = Result<T, E>>,
    {
        let handle = store.handle();
        let joined = engine::join(S::join(&handle, &mut *tx), self.into_terms(), Kept(ReleaseErrors)).await;
        let session = match joined {
            ControlFlow::Continue(session) => session,
            ControlFlow::Break(answer) => return answer,
        };
        let (lent, lender) = Lent::lend(tx);
        let returned = session.run(body(lent, session.execution())).await;
        match lender.returned() {
            Some(tx) => session.settle(S::join(&handle, tx), returned).await,
            None => Err(match returned {
                // It says why the transaction is to be rolled back, which is what the caller must do in either case.
                Err(error) => error,
                Ok(_) => {
                    Error::misuse("the body kept the transaction that it was lent; drop it before the body ends").into()
                }
            }),
        }
    }
}
