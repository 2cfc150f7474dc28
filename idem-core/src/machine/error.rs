//! What can be wrong with a state, an event or a code. Each error says what would have been right.

use std::error::Error;
use std::fmt::{self, Display};

use super::{MachineEvent, StateMachine};

/// An event that does not lead from a state to one other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IllegalTransition<M> {
    state: M,
    /// Its index among all events of the machine.
    event: usize,
    is_guarded: bool,
}

impl<M> IllegalTransition<M> {
    /// For the expansion of the derive: the event of this index does not fire in `state`.
    #[doc(hidden)]
    #[must_use]
    pub const fn new(state: M, event: usize) -> Self {
        Self { state, event, is_guarded: false }
    }

    /// For the expansion of the derive: the event of this index has several targets from `state`.
    #[doc(hidden)]
    #[must_use]
    pub const fn guarded(state: M, event: usize) -> Self {
        Self { state, event, is_guarded: true }
    }
}

impl<M: StateMachine> IllegalTransition<M> {
    /// The state in which the event was to fire.
    #[must_use]
    pub fn state(&self) -> M {
        self.state
    }

    /// The event that was to fire.
    #[must_use]
    pub fn event(&self) -> M::Event {
        // The derive wrote the index and the list.
        M::Event::ALL[self.event]
    }

    /// The events that fire in the state.
    #[must_use]
    pub fn legal(&self) -> &'static [M::Event] {
        self.state.events()
    }

    /// Whether the event does fire in the state, but where it leads to is for its guards to say.
    #[must_use]
    pub fn is_guarded(&self) -> bool {
        self.is_guarded
    }
}

impl<M: StateMachine> Display for IllegalTransition<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (event, state) = (self.event().name(), self.state.name());
        if self.is_guarded {
            return write!(
                f,
                "where `{event}` leads to from `{state}` is for its guards to say, which need the loaded entity"
            );
        }
        write!(f, "`{event}` cannot fire in `{state}`; ")?;
        match self.legal() {
            [] => f.write_str("no event can"),
            legal => {
                f.write_str("legal there: ")?;
                list(f, legal.iter().map(|event| event.name()))
            }
        }
    }
}

impl<M: StateMachine> Error for IllegalTransition<M> {}

/// A code that stands for no state of the machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownCode {
    machine: &'static str,
    code: String,
    known: Vec<String>,
}

impl UnknownCode {
    /// `code` is none of `M`.
    #[must_use]
    pub fn of<M: StateMachine>(code: impl Display) -> Self {
        let known: Vec<_> = M::ALL.iter().map(|state| state.code()).collect();
        Self::new(M::NAME, code, &known)
    }

    /// For the expansion of the derive.
    #[doc(hidden)]
    #[must_use]
    pub fn new(machine: &'static str, code: impl Display, known: &[impl Display]) -> Self {
        Self { machine, code: code.to_string(), known: known.iter().map(ToString::to_string).collect() }
    }

    /// The code.
    #[must_use]
    pub fn code(&self) -> &str {
        &self.code
    }

    /// The codes that there are, aliases apart.
    #[must_use]
    pub fn known(&self) -> &[String] {
        &self.known
    }
}

impl Display for UnknownCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` has no state with the code `{}`; its codes are ", self.machine, self.code)?;
        list(f, &self.known)
    }
}

impl Error for UnknownCode {}

/// A name that no event of the machine has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownEvent {
    machine: &'static str,
    name: String,
    known: Vec<&'static str>,
}

impl UnknownEvent {
    /// `name` is none of the events `E`.
    #[must_use]
    pub fn of<E: MachineEvent>(name: &str) -> Self {
        let known = E::ALL.iter().map(|event| event.name()).collect();
        Self { machine: E::Machine::NAME, name: name.to_owned(), known }
    }

    /// The name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The names that there are.
    #[must_use]
    pub fn known(&self) -> &[&'static str] {
        &self.known
    }
}

impl Display for UnknownEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` has no event `{}`; its events are ", self.machine, self.name)?;
        list(f, &self.known)
    }
}

impl Error for UnknownEvent {}

fn list(f: &mut fmt::Formatter<'_>, items: impl IntoIterator<Item = impl Display>) -> fmt::Result {
    for (index, item) in items.into_iter().enumerate() {
        let comma = if index == 0 { "" } else { ", " };
        write!(f, "{comma}`{item}`")?;
    }
    Ok(())
}
