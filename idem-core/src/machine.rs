//! State machines: what `#[derive(StateMachine)]` says about an enum, and what a transition may answer without a database.
//!
//! The derive writes facts, as constants and static slices; what is done with them is here and, for rows of a database, in
//! `idem-sqlx`. Nothing in this module is implemented by hand.

mod code;
mod event;
mod guard;
mod error;
mod parse;

use std::fmt::Debug;

pub use code::{Code, CodeType};
pub use error::{IllegalTransition, UnknownCode, UnknownEvent};
pub use event::{
    Audit, Audited, ByKey, ByVersion, Event, Fencing, FiresById, FiresOn, MachineEvent, Move, Unaudited, Unfenced,
    moves_of,
};
pub use guard::{GuardAnswer, GuardError, guard_answer};
pub use parse::{deserialize_event, parse_event};

/// For the expansion of the derive, whose crate need not depend on it. By name, because rustc calls types by their short
/// names in messages only as long as no crate that it sees has another type of that name.
#[doc(hidden)]
pub mod serde {
    pub use ::serde::{Deserialize, Deserializer, Serialize, Serializer};
}

/// An enum whose variants are the states of a row, and the moves between them.
///
/// `#[derive(StateMachine)]` implements it, and gives the enum inherent methods of the same names that are `const`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a state machine",
    label = "has no states and transitions",
    note = "add `#[derive(StateMachine)]` to `{Self}`, if it is the enum of the states"
)]
pub trait StateMachine: for<'a> IsState<'a> {
    /// The events, by name.
    type Event: MachineEvent<Machine = Self>;

    /// The name of the enum, as in `OrderStatus`.
    const NAME: &'static str;
    /// All states, as they are declared.
    const ALL: &'static [Self];
    /// The state in which a new row is.
    const INITIAL: Self;
    /// All moves, event by event, and those of one event as they are declared.
    const MOVES: &'static [Move<Self>];
    /// What a column of the database holds of a state.
    const STORE: CodeType;
    /// The aliases, each with the code that is written in its place.
    const ALIASES: &'static [(Code, Code)];
    /// Why the entity needs a version column, if it does: "`OrderStatus::pay` is fenced by version".
    const NEEDS_VERSION: Option<&'static str>;
    /// Why the entity needs an audit table, if it does: "`OrderStatus::cancel` writes an audit row".
    const NEEDS_AUDIT: Option<&'static str>;

    /// The name of the variant, as in `Paid`.
    fn name(self) -> &'static str;

    /// What is stored for this state.
    fn code(self) -> Code;

    /// The state that is stored as `code`, aliases included.
    fn from_text(code: &str) -> Option<Self>;

    /// The state that is stored as the number `code`.
    fn from_number(code: i64) -> Option<Self>;

    /// The events that may fire here.
    fn events(self) -> &'static [Self::Event];

    /// Whether a row in this state must have been in `state`: every way here leads through it, from the initial state and
    /// from those that may be unreachable. A state has passed itself.
    fn has_passed(self, state: Self) -> bool;
}

/// What every state is, apart from being one of a machine.
///
/// The lifetime means nothing. It lets the impls that the derive writes assume what one of them checks: rustc proves a bound
/// without any parameter wherever it stands, and would report an enum that is not `Copy` a dozen times.
#[diagnostic::on_unimplemented(
    message = "`{Self}` must be `Copy`, `Eq` and `Debug` to be used as a state",
    label = "states are copied, compared and shown in errors",
    note = "add `#[derive(Debug, Clone, Copy, PartialEq, Eq)]`"
)]
pub trait IsState<'a>: Copy + Eq + Debug + Send + Sync + Unpin + 'static {}

#[diagnostic::do_not_recommend]
impl<T: Copy + Eq + Debug + Send + Sync + Unpin + 'static> IsState<'_> for T {}

/// Checks that an enum can be one of states, for the expansion of the derive.
#[doc(hidden)]
pub const fn check_state<M>()
where
    for<'a> M: IsState<'a>,
{
}
