//! One call, described: the plain API under the attribute.

mod answer;
mod joined;
mod terms;

use std::borrow::Cow;
use std::num::NonZeroU32;
use std::ops::RangeInclusive;
use std::time::Duration;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::engine;
use crate::policy::sealed::Sealed;
use crate::{
    Abandoned, Admission, AsStore, Dropped, Error, ErrorPolicy, Execution, Fingerprint, InFlight, IntoKey, KeepErrors,
    KeepErrorsIf, Key, OutcomeLimit, ReleaseErrors, Scope, TokenOf, UnknownIf,
};

use answer::Kept;

pub use answer::Answer;
pub(crate) use terms::Terms;

const DAY: Duration = Duration::from_hours(24);

/// One call of an operation: what makes it the same call again, and what happens around its body.
///
/// The attribute writes one of these; by hand it also tells whether the answer was replayed.
///
/// ```
/// use idem_core::{Answer, MemoryStore, Operation};
///
/// # let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
/// # runtime.block_on(async {
/// let store = MemoryStore::new();
/// let charge = async || {
///     Operation::new("payments.charge", &("acme", 17))
///         .fingerprint(&100)
///         .run(&store, async |_| Ok::<_, idem_core::Error>(100))
///         .await
/// };
/// assert_eq!(charge().await?, Answer::Executed(100));
/// assert_eq!(charge().await?, Answer::Replayed(100));
/// # Ok::<_, idem_core::Error>(())
/// # }).unwrap();
/// ```
///
/// An option out of its bounds is remembered, and [`run`](Self::run) answers it before anything else happens.
#[derive(Debug)]
#[must_use = "an operation does nothing until it is `run`"]
pub struct Operation<Errors = ReleaseErrors> {
    terms: Result<Terms, Error>,
    errors: Errors,
}

impl Operation {
    /// The lease of an operation that sets none: 30 s.
    pub const DEFAULT_LEASE: Duration = Duration::from_secs(30);
    /// The retention of an operation that sets none: 24 h.
    pub const DEFAULT_RETENTION: Duration = DAY;
    /// How long a caller waits for its outcome to be stored, if the operation sets nothing: 5 s, or the lease if that is less.
    pub const DEFAULT_SETTLE_WITHIN: Duration = Duration::from_secs(5);
    /// The leases that are accepted: 10 ms to a day. A renewal must fit in well before the end, and a crash must not block
    /// a key for longer than a person would wait.
    pub const LEASES: RangeInclusive<Duration> = Duration::from_millis(10)..=DAY;
    /// The retentions that are accepted: 1 ms to 3650 days.
    pub const RETENTIONS: RangeInclusive<Duration> = Duration::from_millis(1)..=Duration::from_hours(3650 * 24);

    /// A call of the operation `scope` that `key` tells from its other calls.
    pub fn new<K: IntoKey + ?Sized>(scope: impl Into<Cow<'static, str>>, key: &K) -> Self {
        Self::described(Scope::new(scope).and_then(|scope| Key::new(scope, key)), Admission::Open)
    }

    /// A call of the operation `scope` with a token that [`Tokens`](crate::Tokens) issued for it. What was not issued creates
    /// no record, and is an error that [says so](Error::is_not_issued).
    ///
    /// The whole way is at [`Token`](crate::Token).
    pub fn with_token(scope: impl Into<Cow<'static, str>>, token: &TokenOf) -> Self {
        Self::described(Scope::new(scope).and_then(|scope| token.key(scope)), Admission::IssuedOnly)
    }

    /// As [`new`](Self::new), where the scope was made before; an error of that is what [`run`](Self::run) answers.
    pub(crate) fn scoped<K: IntoKey + ?Sized>(scope: Result<Scope, Error>, key: &K) -> Self {
        Self::described(scope.and_then(|scope| Key::new(scope, key)), Admission::Open)
    }

    /// As [`with_token`](Self::with_token), where the scope was made before.
    pub(crate) fn scoped_with_token(scope: Result<Scope, Error>, token: &TokenOf) -> Self {
        Self::described(scope.and_then(|scope| token.key(scope)), Admission::IssuedOnly)
    }

    fn described(key: Result<Key, Error>, admission: Admission) -> Self {
        let terms = key.map(|key| Terms {
            key,
            admission,
            fingerprint: None,
            lease: None,
            retention: Self::DEFAULT_RETENTION,
            in_flight: None,
            abandoned: None,
            max_attempts: None,
            version: 1,
            limit: OutcomeLimit::default(),
            dropped: Dropped::default(),
            settle_within: None,
        });
        Self { terms, errors: ReleaseErrors }
    }
}

impl<Errors> Operation<Errors> {
    /// Refuses the same key with another payload. Hashes `payload` at once, so that a body may change it.
    pub fn fingerprint<T: Serialize + ?Sized>(self, payload: &T) -> Self {
        self.set(|terms| {
            terms.fingerprint = Some(Fingerprint::of(payload)?);
            Ok(())
        })
    }

    /// How long a claim stands without a sign of life; see [`LEASES`](Operation::LEASES). A running body renews it, so it
    /// need not cover the whole body: it is how long a crash blocks the key.
    pub fn lease(self, lease: Duration) -> Self {
        self.set(|terms| {
            terms.lease = Some(within(lease, &Operation::LEASES, "a lease must be between 10 ms and 1 day")?);
            Ok(())
        })
    }

    /// How long an outcome is replayed, from its completion; see [`RETENTIONS`](Operation::RETENTIONS).
    pub fn retain(self, retention: Duration) -> Self {
        self.set(|terms| {
            terms.retention =
                within(retention, &Operation::RETENTIONS, "a retention must be between 1 ms and 3650 days")?;
            Ok(())
        })
    }

    /// What a duplicate gets while the first call runs.
    pub fn in_flight(self, in_flight: InFlight) -> Self {
        self.set(|terms| {
            terms.in_flight = Some(in_flight);
            Ok(())
        })
    }

    /// What a lapsed claim means.
    pub fn abandoned(self, abandoned: Abandoned) -> Self {
        self.set(|terms| {
            terms.abandoned = Some(abandoned);
            Ok(())
        })
    }

    /// How many attempts there may be without an outcome; at least one. They are counted for as long as the record is kept, so
    /// [`retain`](Self::retain) must not be shorter than [`lease`](Self::lease).
    pub fn max_attempts(self, attempts: u32) -> Self {
        self.set(|terms| {
            let attempts =
                NonZeroU32::new(attempts).ok_or_else(|| Error::misuse("`max_attempts` must be at least 1"))?;
            terms.max_attempts = Some(attempts);
            Ok(())
        })
    }

    /// The version of the stored type, from 1. An outcome of another version is a clear error, never a rerun.
    pub fn version(self, version: u32) -> Self {
        self.set(|terms| {
            if version == 0 {
                return Err(Error::misuse("`version` must be at least 1"));
            }
            terms.version = version;
            Ok(())
        })
    }

    /// What happens to an outcome that is too large to store; a marker over 960 KiB if not set.
    pub fn outcome_limit(self, limit: OutcomeLimit) -> Self {
        self.set(|terms| {
            terms.limit = limit;
            Ok(())
        })
    }

    /// What becomes of the claim if the call is dropped while its body runs.
    pub fn dropped(self, dropped: Dropped) -> Self {
        self.set(|terms| {
            terms.dropped = dropped;
            Ok(())
        })
    }

    /// How long the caller waits for its outcome to be stored while the store cannot do so, and a second more for the store's
    /// last word; see [`DEFAULT_SETTLE_WITHIN`](Operation::DEFAULT_SETTLE_WITHIN). Then it gets its value, and the background
    /// goes on storing the outcome, under a lease that is renewed, for as long as the process lives.
    ///
    /// The caller waits about a second longer than this at most; a store that refuses the outcome may add a second for each
    /// substitute. Where the lease has run out by then, as in a process that was stopped, somebody else may have taken the claim over,
    /// and the caller waits five seconds more for what the store says.
    pub fn settle_within(self, limit: Duration) -> Self {
        self.set(|terms| {
            terms.settle_within = Some(limit);
            Ok(())
        })
    }

    /// Says which errors of the body mean that nobody knows what it did, such as a timeout of the payment provider. They are
    /// returned and not stored, and no call runs the key again, under no policy, until an operator has
    /// [resolved](crate::Store::resolve) it; see [`Error::is_abandoned`]. The other errors are as said before or after it.
    ///
    /// ```
    /// use idem_core::{Error, MemoryStore, Operation};
    ///
    /// #[derive(Debug, PartialEq)]
    /// enum Failure {
    ///     Declined,
    ///     Timeout,
    ///     Idem(bool),
    /// }
    ///
    /// impl From<Error> for Failure {
    ///     fn from(error: Error) -> Self {
    ///         Self::Idem(error.is_abandoned())
    ///     }
    /// }
    ///
    /// # let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    /// # runtime.block_on(async {
    /// let store = MemoryStore::new();
    /// let charge = async |answer: Result<u32, Failure>| {
    ///     let operation = Operation::new("charge", &17).unknown_if(|error| *error == Failure::Timeout);
    ///     operation.run(&store, async |_| answer).await.map(idem_core::Answer::into_inner)
    /// };
    /// assert_eq!(charge(Err(Failure::Declined)).await, Err(Failure::Declined));
    /// assert_eq!(charge(Err(Failure::Timeout)).await, Err(Failure::Timeout));
    /// assert_eq!(charge(Ok(1)).await, Err(Failure::Idem(true))); // nothing runs before somebody has decided
    /// # });
    /// ```
    pub fn unknown_if<E, F: Fn(&E) -> bool>(self, unknown: F) -> Operation<UnknownIf<F, Errors>> {
        Operation { terms: self.terms, errors: UnknownIf { unknown, errors: self.errors } }
    }

    /// Stores and replays every error of the body, except those that are [unknown](Self::unknown_if). Without it, an error
    /// releases the claim and the next call runs again.
    pub fn keep_errors(self) -> Operation<Errors::For<KeepErrors>>
    where
        Errors: Sealed,
    {
        Operation { terms: self.terms, errors: self.errors.for_known(KeepErrors) }
    }

    /// Stores and replays the errors that `keep` accepts, and releases the claim after the others, except those that are
    /// [unknown](Self::unknown_if).
    pub fn keep_errors_if<E, F: Fn(&E) -> bool>(self, keep: F) -> Operation<Errors::For<KeepErrorsIf<F>>>
    where
        Errors: Sealed,
    {
        Operation { terms: self.terms, errors: self.errors.for_known(KeepErrorsIf(keep)) }
    }

    /// Runs the body at most once per key, or replays what it returned.
    ///
    /// The future may be dropped at every await, and leaves behind:
    ///
    /// | dropped | leaves |
    /// | --- | --- |
    /// | while claiming or waiting | nothing; a claim that lands after all is released, or lapses |
    /// | while the body runs | as [`dropped`](Self::dropped) says; under [`Abandoned::Refuse`] a claim that lapses |
    /// | while the outcome is stored | the stored outcome: a background task goes on with it |
    /// | while the claim is released | a released claim: a background task goes on with it |
    ///
    /// [`to_the_end`](crate::to_the_end) around the call lets the body end though the caller is gone.
    ///
    /// # Errors
    ///
    /// The body's own error, or an [`Error`] that says why there is no outcome.
    pub fn run<T, E, S, Body>(
        self,
        store: &S,
        body: Body,
    ) -> impl Future<Output = Result<Answer<T>, E>> + use<T, E, S, Body, Errors>
    where
        T: Serialize + DeserializeOwned,
        E: From<Error>,
        S: AsStore + ?Sized,
        Body: AsyncFnOnce(Execution) -> Result<T, E>,
        Errors: ErrorPolicy<E>,
    {
        engine::execute(store.as_store(), self.terms, Kept(self.errors), move |execution| body(execution))
    }

    /// What the engine is asked.
    pub(crate) fn into_terms(self) -> Result<Terms, Error> {
        self.terms
    }

    fn set(mut self, change: impl FnOnce(&mut Terms) -> Result<(), Error>) -> Self {
        if let Ok(terms) = &mut self.terms
            && let Err(error) = change(terms)
        {
            self.terms = Err(error);
        }
        self
    }
}

fn within(value: Duration, range: &RangeInclusive<Duration>, otherwise: &'static str) -> Result<Duration, Error> {
    if range.contains(&value) { Ok(value) } else { Err(Error::misuse(otherwise)) }
}
