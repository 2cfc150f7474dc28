//! A call that ends though its caller is gone.

use std::cell::RefCell;
use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};

use tokio::runtime::Handle;
use tracing::{Instrument as _, Span};

/// Lets a future end though it is dropped: a timeout, a `select!` or a client that hangs up then costs the answer, and not the
/// work.
///
/// It is polled where it stands, as if this were not there, but for one allocation. If it is dropped before it has ended, it
/// moves to the runtime that polled it first, as a task, in the span that was entered when it was made, and its output is
/// dropped. Around an idempotent call this means that the body ends, that its outcome is stored, and that a retry meanwhile
/// waits for it or is told that it is in progress.
///
/// ```
/// use std::time::Duration;
///
/// use idem_core::{Error, InFlight, MemoryStore, Operation, to_the_end};
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Error> {
/// let store = MemoryStore::new();
/// let charge = |store: MemoryStore| async move {
///     let operation = Operation::new("charge", &17).in_flight(InFlight::Wait(Duration::from_secs(5)));
///     let slow = async |_| {
///         tokio::time::sleep(Duration::from_millis(50)).await;
///         Ok::<_, Error>("charged".to_owned())
///     };
///     operation.run(&store, slow).await
/// };
/// let impatient = tokio::time::timeout(Duration::from_millis(5), to_the_end(charge(store.clone()))).await;
/// assert!(impatient.is_err(), "the caller is gone");
/// assert!(charge(store).await?.is_replayed(), "and the first call has ended all the same");
/// # Ok(()) }
/// ```
///
/// A future that was never polled, or that panicked, is just dropped. So is one that no runtime of tokio has polled, and one
/// whose runtime is shutting down: an idempotent call among these leaves what [`Operation::run`](crate::Operation::run) says
/// for a call that is dropped.
pub fn to_the_end<F: Future + Send + 'static>(future: F) -> ToTheEnd<F> {
    ToTheEnd { future: Some(Box::pin(future)), span: Span::current(), runtime: None, begun: None }
}

/// The same for one call, from when its body begins. A call that is dropped before that, such as one that waits, is just dropped:
/// nobody is there any more who wants its body to run.
pub fn body_to_the_end<F: Future + Send + 'static>(call: F) -> ToTheEnd<F> {
    let mut to_the_end = to_the_end(call);
    to_the_end.begun = Some(Arc::default());
    to_the_end
}

thread_local! {
    /// What the call that this thread is polling wants to be set when its body begins.
    static BEGUN: RefCell<Option<Arc<AtomicBool>>> = const { RefCell::new(None) };
}

/// The call that this thread is polling has its claim, and its body begins.
pub(super) fn body_begins() {
    BEGUN.with_borrow(|begun| begun.iter().for_each(|begun| begun.store(true, Ordering::Relaxed)));
}

/// Keeps what was in [`BEGUN`] before, and puts it back when this is dropped.
struct Asks(Option<Arc<AtomicBool>>);

impl Asks {
    fn enter(begun: &Arc<AtomicBool>) -> Self {
        Self(BEGUN.replace(Some(Arc::clone(begun))))
    }
}

impl Drop for Asks {
    fn drop(&mut self) {
        BEGUN.set(self.0.take());
    }
}

/// A future that ends though it is dropped, see [`to_the_end`].
#[must_use = "futures do nothing unless they are awaited"]
pub struct ToTheEnd<F: Future + Send + 'static> {
    /// Absent while it is polled, and once it has ended.
    future: Option<Pin<Box<F>>>,
    span: Span,
    /// Present once it was polled.
    runtime: Option<Handle>,
    /// Whether its body has begun, if it ends for that alone.
    begun: Option<Arc<AtomicBool>>,
}

impl<F: Future + Send + 'static> Future for ToTheEnd<F> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        if self.runtime.is_none() {
            self.runtime = Handle::try_current().ok();
        }
        // One that panics does not come back.
        let mut future = self.future.take().expect("a future is not polled after it has ended");
        let _asks = self.begun.as_ref().map(Asks::enter);
        let polled = future.as_mut().poll(context);
        if polled.is_pending() {
            self.future = Some(future);
        }
        polled
    }
}

impl<F: Future + Send + 'static> Drop for ToTheEnd<F> {
    fn drop(&mut self) {
        if self.begun.as_ref().is_some_and(|begun| !begun.load(Ordering::Relaxed)) {
            return;
        }
        if let (Some(future), Some(runtime)) = (self.future.take(), &self.runtime) {
            let ends = async move {
                future.await;
            };
            runtime.spawn(ends.instrument(std::mem::replace(&mut self.span, Span::none())));
        }
    }
}

impl<F: Future + Send + 'static> fmt::Debug for ToTheEnd<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ToTheEnd").finish_non_exhaustive()
    }
}
