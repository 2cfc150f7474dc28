//! A store that fails on demand.

use std::collections::{HashMap, VecDeque};
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use tokio::sync::watch;

use crate::{
    Claim, ClaimDecision, ClaimId, ClaimRequest, Extension, IssueDecision, Key, Listener, Observed, Outcome,
    Resolution, Store, StoreError,
};

/// A method of [`Store`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Method {
    /// [`Store::claim`]
    Claim,
    /// [`Store::extend`] and [`Store::extend_all`], which is one call
    Extend,
    /// [`Store::complete`]
    Complete,
    /// [`Store::release`]
    Release,
    /// [`Store::abandon`]
    Abandon,
    /// [`Store::issue`]
    Issue,
    /// [`Store::lookup`]
    Lookup,
    /// [`Store::resolve`]
    Resolve,
    /// [`Store::purge_expired`]
    PurgeExpired,
}

/// What goes wrong with one call of a store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// Nothing.
    None,
    /// Takes no effect, and the store answers that it is unavailable.
    Fails,
    /// Takes no effect, and the store answers that it will not now.
    NotNow,
    /// Takes no effect, and the store refuses for good.
    Refuses,
    /// Takes effect, and the store answers that it is unavailable.
    LosesAcknowledgement,
    /// The store answers at once that it is unavailable, and the call takes effect this much later.
    LandsLate(Duration),
    /// Takes this long to the backend, and again this long back.
    Delays(Duration),
    /// Takes no effect, and is never answered.
    Hangs,
    /// Takes effect, and is never answered.
    HangsAfter,
    /// Takes no effect, and the store panics, as none should.
    Panics,
    /// Yields once on the way to the backend, and once on the way back: two awaits at which a call can be dropped.
    Yields,
}

/// A store that hands calls on to another one, counts them, and fails as it is told.
///
/// ```
/// use std::sync::Arc;
///
/// use idem_core::contract::{Fault, Faulty, Method};
/// use idem_core::{Answer, Error, MemoryStore, Operation};
///
/// # let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
/// # runtime.block_on(async {
/// let store = Faulty::new(Arc::new(MemoryStore::new()));
/// store.plan(Method::Complete, [Fault::LosesAcknowledgement]);
/// let answer = Operation::new("docs", &17).run(&store, async |_| Ok::<_, Error>("done".to_owned())).await?;
/// assert_eq!(answer, Answer::Executed("done".to_owned()));
/// assert_eq!(store.calls(Method::Complete), 2);
/// # Ok::<_, Error>(())
/// # }).unwrap();
/// ```
pub struct Faulty {
    inner: Arc<dyn Store>,
    plan: Mutex<Plan>,
    calls: watch::Sender<HashMap<Method, usize>>,
}

#[derive(Debug, Default)]
struct Plan {
    next: HashMap<Method, VecDeque<Fault>>,
    always: HashMap<Method, Fault>,
    partitioned: bool,
}

impl Faulty {
    /// A store in front of `inner`, with no fault yet.
    #[must_use]
    pub fn new(inner: Arc<dyn Store>) -> Arc<Self> {
        Arc::new(Self { inner, plan: Mutex::default(), calls: watch::Sender::new(HashMap::new()) })
    }

    /// Lets the next calls of `method` fail, one fault each.
    pub fn plan(&self, method: Method, faults: impl IntoIterator<Item = Fault>) {
        self.planned().next.entry(method).or_default().extend(faults);
    }

    /// Lets all calls of `method` fail for which nothing else is planned, until [`heal`](Self::heal).
    pub fn always(&self, method: Method, fault: Fault) {
        self.planned().always.insert(method, fault);
    }

    /// Cuts the store off from its backend: every call [fails](Fault::Fails) until [`heal`](Self::heal).
    pub fn partition(&self) {
        self.planned().partitioned = true;
    }

    /// Forgets all faults.
    pub fn heal(&self) {
        *self.planned() = Plan::default();
    }

    /// How often `method` was called.
    #[must_use]
    pub fn calls(&self, method: Method) -> usize {
        self.calls.borrow().get(&method).copied().unwrap_or(0)
    }

    /// How often any method was called.
    #[must_use]
    pub fn all_calls(&self) -> usize {
        self.calls.borrow().values().sum()
    }

    /// Waits until `method` was called `times` times since this store was made.
    pub async fn called(&self, method: Method, times: usize) {
        let mut calls = self.calls.subscribe();
        // The sender lives in `self`, so the channel is open.
        let _ = calls.wait_for(|calls| calls.get(&method).is_some_and(|count| *count >= times)).await;
    }

    /// Counts a call, and takes its fault.
    fn fault(&self, method: Method) -> Fault {
        let fault = {
            let mut plan = self.planned();
            match plan.next.get_mut(&method).and_then(VecDeque::pop_front) {
                _ if plan.partitioned => Fault::Fails,
                Some(fault) => fault,
                None => plan.always.get(&method).copied().unwrap_or(Fault::None),
            }
        };
        self.calls.send_modify(|calls| *calls.entry(method).or_default() += 1);
        fault
    }

    /// Nothing panics under this lock, so a poisoned one protects nothing.
    fn planned(&self) -> MutexGuard<'_, Plan> {
        self.plan.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Makes a call that takes effect as `fault` says.
async fn apply<T, Call>(fault: Fault, call: Call) -> Result<T, StoreError>
where
    T: Send + 'static,
    Call: Future<Output = Result<T, StoreError>> + Send + 'static,
{
    match fault {
        Fault::None => call.await,
        Fault::Fails => Err(unavailable()),
        Fault::NotNow => Err(StoreError::not_now("a planned pause", None)),
        Fault::Refuses => {
            let source = "what the backend says, which may quote an outcome";
            Err(StoreError::refused("a planned refusal", Some(source.into())).with_code("planned"))
        }
        Fault::LosesAcknowledgement => call.await.and(Err(unavailable())),
        Fault::LandsLate(after) => {
            tokio::spawn(async move {
                tokio::time::sleep(after).await;
                call.await
            });
            Err(unavailable())
        }
        Fault::Delays(time) => {
            tokio::time::sleep(time).await;
            let answer = call.await;
            tokio::time::sleep(time).await;
            answer
        }
        Fault::Hangs => std::future::pending().await,
        Fault::HangsAfter => {
            call.await?;
            std::future::pending().await
        }
        Fault::Panics => panic!("a planned panic"),
        Fault::Yields => {
            tokio::task::yield_now().await;
            let answer = call.await;
            tokio::task::yield_now().await;
            answer
        }
    }
}

fn unavailable() -> StoreError {
    StoreError::unavailable("a planned failure")
}

/// The planned error `error` once more, for the next of those whom it befell.
fn again(error: &StoreError) -> StoreError {
    if error.is_refused() {
        StoreError::refused(error.to_string(), None)
    } else if error.is_ambiguous() {
        unavailable()
    } else {
        StoreError::not_now(error.to_string(), None)
    }
}

impl fmt::Debug for Faulty {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Faulty").field("calls", &*self.calls.borrow()).finish_non_exhaustive()
    }
}

#[async_trait]
impl Store for Faulty {
    async fn claim(&self, request: &ClaimRequest) -> Result<ClaimDecision, StoreError> {
        let (inner, request) = (Arc::clone(&self.inner), request.clone());
        apply(self.fault(Method::Claim), async move { inner.claim(&request).await }).await
    }

    async fn extend(&self, claim: &Claim, lease: Duration) -> Result<(), StoreError> {
        let (inner, claim) = (Arc::clone(&self.inner), claim.clone());
        apply(self.fault(Method::Extend), async move { inner.extend(&claim, lease).await }).await
    }

    async fn extend_all(&self, extensions: &[Extension]) -> Vec<Result<(), StoreError>> {
        let (inner, extensions, count) = (Arc::clone(&self.inner), extensions.to_vec(), extensions.len());
        let answers = async move { Ok(inner.extend_all(&extensions).await) };
        let failed = |error| (0..count).map(|_| Err(again(&error))).collect();
        apply(self.fault(Method::Extend), answers).await.unwrap_or_else(failed)
    }

    async fn complete(&self, claim: &Claim, outcome: &Outcome, retention: Duration) -> Result<(), StoreError> {
        let (inner, claim, outcome) = (Arc::clone(&self.inner), claim.clone(), outcome.clone());
        apply(self.fault(Method::Complete), async move { inner.complete(&claim, &outcome, retention).await }).await
    }

    async fn release(&self, claim: &Claim) -> Result<(), StoreError> {
        let (inner, claim) = (Arc::clone(&self.inner), claim.clone());
        apply(self.fault(Method::Release), async move { inner.release(&claim).await }).await
    }

    async fn abandon(&self, claim: &Claim) -> Result<(), StoreError> {
        let (inner, claim) = (Arc::clone(&self.inner), claim.clone());
        apply(self.fault(Method::Abandon), async move { inner.abandon(&claim).await }).await
    }

    async fn issue(&self, key: &Key, lifetime: Duration) -> Result<IssueDecision, StoreError> {
        let (inner, key) = (Arc::clone(&self.inner), key.clone());
        apply(self.fault(Method::Issue), async move { inner.issue(&key, lifetime).await }).await
    }

    async fn lookup(&self, key: &Key) -> Result<Option<Observed>, StoreError> {
        let (inner, key) = (Arc::clone(&self.inner), key.clone());
        apply(self.fault(Method::Lookup), async move { inner.lookup(&key).await }).await
    }

    async fn resolve(&self, key: &Key, claim_id: ClaimId, resolution: &Resolution) -> Result<(), StoreError> {
        let (inner, key, resolution) = (Arc::clone(&self.inner), key.clone(), resolution.clone());
        apply(self.fault(Method::Resolve), async move { inner.resolve(&key, claim_id, &resolution).await }).await
    }

    async fn purge_expired(&self, limit: u32) -> Result<u64, StoreError> {
        let inner = Arc::clone(&self.inner);
        apply(self.fault(Method::PurgeExpired), async move { inner.purge_expired(limit).await }).await
    }

    fn listen(&self, key: &Key) -> Option<Box<dyn Listener>> {
        self.inner.listen(key)
    }
}
