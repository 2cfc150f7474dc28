//! A transition on its way: which event, of which row, and what else is known.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;
use std::pin::Pin;

use idem_core::machine::{Audit as _, Event, FiresOn};
use idem_core::{IntoKey, Key, Scope, running_key};

use super::answer::{Loaded, MOST_MOVES};
use super::firing::{self, Firing};
use super::given::{AnyVersion, Fires, HasKey, KeepsKeys, NoKey, ThisVersion};
use super::outcome::Transition;
use crate::entity::error::EntityError;
use crate::entity::facts::stored::{HasState, HasVersion, StoredIn};
use crate::entity::session::Session;
use crate::entity::versioned::Versioned;

/// An event that is about to fire on a row; nothing happens before [`execute`](Self::execute).
///
/// `Keyed` and `Pinned` say whether a key and a version were given, which an event may need that is fenced by them.
#[must_use = "nothing happens before `.execute(…)`"]
pub struct Fire<T: Versioned, E: Event, Keyed = NoKey, Pinned = AnyVersion> {
    firing: Firing<T, E>,
    key: GivenKey,
    given: PhantomData<(Keyed, Pinned)>,
}

#[derive(Debug)]
enum GivenKey {
    No,
    Text(Result<String, idem_core::Error>),
    OfOperation,
}

/// An event that moves a state of `T`: one of the machine of a field with `#[versioned(state)]`.
///
/// Were it only that `T` has a state of the event's machine, rustc would take an entity's only state for what was meant, and
/// look for the mistake in the event.
pub trait EventOf<T: Versioned>: Event {
    #[doc(hidden)]
    fn on_row(row: &T) -> Fire<T, Self, NoKey, ThisVersion>
    where
        Self: FiresOn<T>;
}

impl<T: HasState<E::Machine>, E: Event> EventOf<T> for E {
    /// Asks the Rust guards of the moves that leave the row's state.
    fn on_row(row: &T) -> Fire<T, E, NoKey, ThisVersion>
    where
        E: FiresOn<T>,
    {
        let state = row.state();
        let mut refusals = [const { None }; MOST_MOVES];
        for (index, step) in E::MOVES.iter().enumerate() {
            if step.sources.contains(&state) {
                refusals[index] = E::check(row, index).err();
            }
        }
        let mut firing = Firing::new(row.address());
        firing.expected = row.version();
        firing.loaded = Some(Loaded { state, refusals });
        Fire::new(firing)
    }
}

impl<T: Versioned, E: Event> Fire<T, E> {
    pub(in crate::entity) fn by_id(address: T::Address) -> Self {
        Self::new(Firing::new(address))
    }
}

impl<T: Versioned, E: Event, Keyed, Pinned> Fire<T, E, Keyed, Pinned> {
    fn new(firing: Firing<T, E>) -> Self {
        Self { firing, key: GivenKey::No, given: PhantomData }
    }

    /// Gives the attempt a key, which every retry of it brings again: the audit keeps it, and tells a retry by it.
    pub fn key<K: IntoKey + ?Sized>(self, key: &K) -> Fire<T, E, HasKey, Pinned>
    where
        E::Audit: KeepsKeys<E>,
    {
        const SCOPE: Scope = Scope::from_static("idem.entity");
        let text = Key::new(SCOPE, key).map(|key| key.text().to_owned());
        Fire { firing: self.firing, key: GivenKey::Text(text), given: PhantomData }
    }

    /// Takes the key of the idempotent operation whose body this is in, so that a retry of the operation is a retry of the
    /// transition. An event with audit that is given no key does so by itself where there is one.
    ///
    /// It stands for this event on this row. A body in which the same event fires on the same row twice gives each a
    /// [`key`](Self::key) of its own.
    pub fn key_of_operation(self) -> Fire<T, E, HasKey, Pinned>
    where
        E::Audit: KeepsKeys<E>,
    {
        Fire { firing: self.firing, key: GivenKey::OfOperation, given: PhantomData }
    }

    /// Says who does it, for the audit.
    pub fn actor(mut self, actor: impl Into<Cow<'static, str>>) -> Self
    where
        E::Audit: KeepsKeys<E>,
    {
        self.firing.actor = Some(actor.into());
        self
    }

    /// Says why, for the audit.
    pub fn reason(mut self, reason: impl Into<Cow<'static, str>>) -> Self
    where
        E::Audit: KeepsKeys<E>,
    {
        self.firing.reason = Some(reason.into());
        self
    }

    /// Moves the row only if it has this version.
    pub fn version(mut self, version: impl Into<i64>) -> Fire<T, E, Keyed, ThisVersion>
    where
        T: HasVersion,
    {
        self.firing.expected = Some(version.into());
        Fire { firing: self.firing, key: self.key, given: PhantomData }
    }

    /// Takes a row that has gone on from the event's target for a conflict, and not for a retry.
    pub fn strict(mut self) -> Self {
        self.firing.is_strict = true;
        self
    }

    /// Moves the row, or says why not. On a pool, what needs a transaction has one of its own.
    ///
    /// ```text
    /// async fn pay(id: Uuid, tx: &mut PgTransaction<'_>) -> Result<OrderStatus, EntityError> {
    ///     Order::fire(id, order_status::Pay).execute(&mut *tx).await?.accepted()
    /// }
    /// ```
    ///
    /// An outcome other than [`Transition::Applied`] has written nothing.
    ///
    /// # Errors
    ///
    /// If the database fails ([`is_retryable`](EntityError::is_retryable) tells whether to run the same again), if the key is
    /// that of an event that led elsewhere, or cannot be a key.
    pub fn execute<'s, S>(self, session: S) -> Executing<'s, E::Machine>
    where
        S: Session + 's,
        T: HasState<E::Machine> + StoredIn<S::Database>,
        (Keyed, Pinned): Fires<E, E::Fence>,
    {
        // Now, and not when it is polled: that may be in another task, where no body is running.
        let key = self.key.resolve::<T, E>();
        let mut firing = self.firing;
        Box::pin(async move {
            firing.key = key?;
            firing::run(&firing, session).await
        })
    }
}

/// A transition that is under way once it is awaited.
///
/// In a box, because rustc reports a bound of a function that returns `impl Future` three times over: at the call, at its
/// value and at the `.await`.
pub type Executing<'s, M> = Pin<Box<dyn Future<Output = Result<Transition<M>, EntityError>> + Send + 's>>;

impl GivenKey {
    fn resolve<T: HasState<E::Machine>, E: Event>(self) -> Result<Option<String>, EntityError> {
        match self {
            Self::Text(text) => text.map(Some).map_err(|error| EntityError::misuse_because("the key is no key", error)),
            Self::No if E::Audit::IS_AUDITED => Ok(of_operation::<T, E>()),
            Self::No => Ok(None),
            Self::OfOperation => of_operation::<T, E>().map(Some).ok_or_else(|| {
                EntityError::misuse(
                    "no idempotent operation is running here, so it has no key; `.key_of_operation()` belongs in the body of \
                     one, and not in a task that it started: give `.key(…)` here",
                )
            }),
        }
    }
}

fn of_operation<T: HasState<E::Machine>, E: Event>() -> Option<String> {
    running_key().map(|key| key.of_step(&firing::event_name::<T, E>()))
}

impl<T: Versioned, E: Event, Keyed, Pinned> fmt::Debug for Fire<T, E, Keyed, Pinned> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Fire").field("event", &E::NAME).field("expected", &self.firing.expected).finish_non_exhaustive()
    }
}
