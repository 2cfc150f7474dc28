//! What an event was given before it fires, and what it must be given.

use idem_core::machine::{Audited, ByKey, ByVersion, Unfenced};

/// No key was given to an event.
#[derive(Debug, Clone, Copy)]
pub enum NoKey {}
/// A key was given to an event.
#[derive(Debug, Clone, Copy)]
pub enum HasKey {}
/// No version was given to an event.
#[derive(Debug, Clone, Copy)]
pub enum AnyVersion {}
/// A version was given to an event.
#[derive(Debug, Clone, Copy)]
pub enum ThisVersion {}

/// Whether the event `E` keeps the keys that it is given: those with `audit`.
#[diagnostic::on_unimplemented(
    message = "`{E}` writes no audit row, which would keep its key, its actor and its reason",
    label = "nothing would keep it",
    note = "add `audit` to its `#[transition]`"
)]
pub trait KeepsKeys<E> {}

impl<E> KeepsKeys<E> for Audited {}

/// Whether the event `E` was given what its fence `F` needs.
#[diagnostic::on_unimplemented(message = "`{E}` was not given what fences it")]
pub trait Fires<E, F> {}

impl<E, Keyed, Pinned> Fires<E, Unfenced> for (Keyed, Pinned) {}
impl<E, Keyed: GaveKey<E>, Pinned> Fires<E, ByKey> for (Keyed, Pinned) {}
impl<E, Keyed, Pinned: GaveVersion<E>> Fires<E, ByVersion> for (Keyed, Pinned) {}

/// Whether the event `E` was given a key.
#[diagnostic::on_unimplemented(
    message = "`{E}` is fenced by key",
    label = "a late retry could not be told from a new attempt",
    note = "call `.key(&idempotency_key)` before `.execute`; in the body of an idempotent operation also `.key_of_operation()`"
)]
pub trait GaveKey<E> {}

impl<E> GaveKey<E> for HasKey {}

/// Whether the event `E` was given a version.
#[diagnostic::on_unimplemented(
    message = "`{E}` is fenced by version",
    label = "a late retry could not be told from a new attempt",
    note = "call `.version(n)` before `.execute`, with the version that the caller has seen, or load the entity and write \
            `order.transition(…)`"
)]
pub trait GaveVersion<E> {}

impl<E> GaveVersion<E> for ThisVersion {}
