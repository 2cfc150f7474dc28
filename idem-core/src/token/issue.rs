//! Issuing tokens.

use std::borrow::Cow;
use std::fmt;
use std::ops::RangeInclusive;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use super::{Token, TokenOf, written};
use crate::error::Reason;
use crate::{AsStore, Error, IntoKey, IssueDecision, KeyWriter, Operation, Scope, Store, StoreError};

/// The pauses before another token is tried, after an error that leaves open whether the one before was issued.
const REPETITIONS: [Duration; 2] = [Duration::from_millis(20), Duration::from_millis(100)];
/// After this long no other one is tried: the store is not flickering but away.
const PATIENCE: Duration = Duration::from_secs(1);

/// Issues the tokens of one operation.
///
/// ```
/// use std::time::Duration;
///
/// use idem_core::{MemoryStore, Tokens};
///
/// # let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
/// # runtime.block_on(async {
/// let store = MemoryStore::new();
/// let tokens = Tokens::new(&store, "checkout.pay").lifetime(Duration::from_mins(30));
/// let (first, second) = (tokens.issue_to(&17).await?, tokens.issue_to(&17).await?);
/// assert_ne!(first, second);
/// # Ok::<_, idem_core::Error>(())
/// # }).unwrap();
/// ```
///
/// The lifetime bounds the first use. A token that was used in time is a key like any other from then on: its outcome is
/// replayed for the retention of the operation, also after the lifetime is over, and a use that failed may be repeated for as
/// long, counted from the end of its lease. When that is over too, the token is unknown, and its body never runs again.
///
/// Each token is a record in the store until then. Issue them to those who may use them; who issues one to every visitor
/// gives every visitor a row.
pub struct Tokens {
    store: Arc<dyn Store>,
    scope: Cow<'static, str>,
    lifetime: Duration,
}

impl Tokens {
    /// How long a token may be used for the first time, if nothing else is said: 24 h.
    pub const DEFAULT_LIFETIME: Duration = Duration::from_hours(24);
    /// The lifetimes that are accepted: 1 ms to 3650 days.
    pub const LIFETIMES: RangeInclusive<Duration> = Operation::RETENTIONS;

    /// The tokens of the operation `scope`. No other operation takes them.
    pub fn new<S: AsStore + ?Sized>(store: &S, scope: impl Into<Cow<'static, str>>) -> Self {
        Self { store: store.as_store(), scope: scope.into(), lifetime: Self::DEFAULT_LIFETIME }
    }

    /// How long each token may be used for the first time; see [`LIFETIMES`](Self::LIFETIMES).
    #[must_use]
    pub fn lifetime(self, lifetime: Duration) -> Self {
        Self { lifetime, ..self }
    }

    /// Issues a token to `owner`: whoever the client is known to be, such as the user of the session. It comes back as
    /// [`token.of(owner)`](Token::of).
    ///
    /// # Errors
    ///
    /// If the store does not answer, and if the scope, the lifetime or the owner is none.
    pub fn issue_to<Owner: IntoKey>(&self, owner: Owner) -> impl Future<Output = Result<Token, Error>> {
        self.issue(Some(written(&owner)))
    }

    /// Issues a token to whoever brings it, which comes back as [`token.of_anyone()`](Token::of_anyone).
    ///
    /// # Errors
    ///
    /// As [`issue_to`](Self::issue_to).
    pub fn issue_to_anyone(&self) -> impl Future<Output = Result<Token, Error>> {
        self.issue(None)
    }

    /// After an error that leaves open whether a token was issued, another one is: nobody knows the first.
    async fn issue(&self, owner: Option<KeyWriter>) -> Result<Token, Error> {
        let scope = Scope::new(self.scope.clone())?;
        if !Self::LIFETIMES.contains(&self.lifetime) {
            return Err(Error::misuse("the lifetime of a token must be between 1 ms and 3650 days"));
        }
        let started = Instant::now();
        let mut repetitions = REPETITIONS.into_iter();
        loop {
            let token = Token::random().map_err(|error| Error::unkeyed(Reason::Store(error)))?;
            let key = TokenOf { token, owner: owner.clone() }.key(scope.clone())?;
            let error = match self.store.issue(&key, self.lifetime).await {
                Ok(IssueDecision::Issued) => return Ok(token),
                Ok(IssueDecision::Taken) => StoreError::refused("the operating system's random numbers repeat", None),
                Err(error) => error,
            };
            match repetitions.next() {
                Some(pause) if error.is_retryable() && started.elapsed() < PATIENCE => {
                    tokio::time::sleep(pause).await;
                }
                _ => return Err(Error::unkeyed(Reason::Store(error))),
            }
        }
    }
}

impl fmt::Debug for Tokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { scope, lifetime, .. } = self;
        f.debug_struct("Tokens").field("scope", scope).field("lifetime", lifetime).finish_non_exhaustive()
    }
}
