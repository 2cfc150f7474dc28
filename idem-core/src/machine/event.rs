//! Events: what moves a row from state to state.

use std::fmt::{Debug, Display};
use std::hash::Hash;
use std::str::FromStr;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::{Code, GuardError, StateMachine, UnknownEvent};

/// The event of a machine as a value, which can be stored, shown and parsed.
pub trait MachineEvent:
    Copy
    + Eq
    + Hash
    + Debug
    + Display
    + FromStr<Err = UnknownEvent>
    + Serialize
    + DeserializeOwned
    + Send
    + Sync
    + Unpin
    + 'static
{
    /// The machine that it is an event of.
    type Machine: StateMachine<Event = Self>;

    /// All events, in the order of their first transitions.
    const ALL: &'static [Self];

    /// The name, as it was declared: `pay`.
    fn name(self) -> &'static str;
}

/// The event of a machine as a type of its own, as in `order_status::Pay`: what is known of it at compile time.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an event of a state machine",
    label = "expected one of the generated types, as in `order_status::Pay`"
)]
pub trait Event: Debug + Copy + Send + Sync + 'static {
    /// The machine that it is an event of.
    type Machine: StateMachine;
    /// Whether it writes an audit row: [`Audited`] or [`Unaudited`].
    type Audit: Audit;
    /// What keeps a late retry from firing it again: [`Unfenced`], [`ByVersion`] or [`ByKey`].
    type Fence: Fencing;

    /// The same as a value.
    const EVENT: <Self::Machine as StateMachine>::Event;
    /// The name, as it was declared: `pay`.
    const NAME: &'static str;
    /// Its moves, as they are declared. The first one that leaves the current state and whose guard agrees is taken.
    const MOVES: &'static [Move<Self::Machine>];
}

/// One `#[transition(…)]`: from any of its sources to its target.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Move<M: 'static> {
    /// The name of its event.
    pub event: &'static str,
    /// The states that it leaves.
    pub sources: &'static [M],
    /// What is stored for them, aliases included: all that a statement may find in a row that is in one of them.
    pub source_codes: &'static [Code],
    /// The state that it leads to.
    pub target: M,
    /// What is stored for it.
    pub target_code: Code,
    /// The path of the Rust guard, as it was written.
    pub guard: Option<&'static str>,
    /// The condition that the statement carries.
    pub guard_sql: Option<&'static str>,
}

/// The moves of one event among all of its machine, for the expansion of the derive.
#[doc(hidden)]
#[must_use]
pub const fn moves_of<M>(all: &'static [Move<M>], first: usize, count: usize) -> &'static [Move<M>] {
    all.split_at(first).1.split_at(count).0
}

/// Events that need no loaded entity: those without a Rust guard, or with a `guard_sql` beside each.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot fire by id",
    label = "needs the loaded entity, or is no event type",
    note = "an event with a Rust guard looks at the loaded entity: write `order.transition(…)`, or add a `guard_sql` to the \
            transition",
    note = "an event is given as its type, as in `order_status::Pay`, and not as a value such as `OrderStatusEvent::Pay`"
)]
pub trait FiresById: Event {}

/// Events that can fire on a loaded `T`: any, unless they have a Rust guard, which takes the `entity` of the machine.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot fire on `{T}`",
    label = "its Rust guards take another entity, or it is no event type",
    note = "guards are functions of the type that `#[state_machine(entity = …)]` names",
    note = "an event is given as its type, as in `order_status::Pay`, and not as a value such as `OrderStatusEvent::Pay`"
)]
pub trait FiresOn<T: ?Sized>: Event {
    /// Asks the Rust guard of a move, which is given by its index in [`Event::MOVES`]. A move without one agrees.
    ///
    /// # Errors
    ///
    /// What the guard says.
    fn check(entity: &T, index_of_move: usize) -> Result<(), GuardError> {
        let (_, _) = (entity, index_of_move);
        Ok(())
    }
}

/// Whether an event writes an audit row: [`Audited`] or [`Unaudited`].
pub trait Audit: sealed::Sealed + Debug + Send + Sync + 'static {
    /// The same as a value.
    const IS_AUDITED: bool;
}

/// The event writes an audit row in the same transaction.
#[derive(Debug, Clone, Copy)]
pub enum Audited {}

/// The event writes no audit row.
#[derive(Debug, Clone, Copy)]
pub enum Unaudited {}

impl Audit for Audited {
    const IS_AUDITED: bool = true;
}

impl Audit for Unaudited {
    const IS_AUDITED: bool = false;
}

/// What keeps a late retry of an event from firing it again: [`Unfenced`], [`ByVersion`] or [`ByKey`].
pub trait Fencing: sealed::Sealed + Debug + Send + Sync + 'static {
    /// Whether it is the key, which a unique constraint of the audit must then guard.
    const IS_KEY: bool = false;
}

/// Nothing needs to: once it has fired, its sources are left for good, or `allow(refire)` accepts it.
#[derive(Debug, Clone, Copy)]
pub enum Unfenced {}

/// The version of the row that the caller has seen.
#[derive(Debug, Clone, Copy)]
pub enum ByVersion {}

/// The key that the caller gives every attempt, in the audit.
#[derive(Debug, Clone, Copy)]
pub enum ByKey {}

impl Fencing for Unfenced {}
impl Fencing for ByVersion {}
impl Fencing for ByKey {
    const IS_KEY: bool = true;
}

mod sealed {
    pub trait Sealed {}
    impl Sealed for super::Audited {}
    impl Sealed for super::Unaudited {}
    impl Sealed for super::Unfenced {}
    impl Sealed for super::ByVersion {}
    impl Sealed for super::ByKey {}
}
