//! All that an expansion may name. Not a public interface: it changes with the macros, which are pinned to this version.

pub use idem_core::expansion::*;
pub use idem_core::machine;
pub use idem_core::{Abandoned, Dropped, Execution, InFlight, OutcomeLimit};

#[cfg(any(feature = "postgres", feature = "mysql", feature = "sqlite"))]
pub use idem_sqlx::{entity, state_column};

#[cfg(not(any(feature = "postgres", feature = "mysql", feature = "sqlite")))]
pub use crate::__state_column as state_column;

/// Without a database, a state is no column.
#[cfg(not(any(feature = "postgres", feature = "mysql", feature = "sqlite")))]
#[doc(hidden)]
#[macro_export]
macro_rules! __state_column {
    ($state:ty) => {};
}

/// A state machine needs neither std nor the newest edition.
///
/// ```edition2021
/// #[derive(idem::StateMachine, Debug, Clone, Copy, PartialEq, Eq)]
/// #[state_machine(initial = Open)]
/// #[transition(close: Open => Closed)]
/// enum Door {
///     Open,
///     #[state(final)]
///     Closed,
/// }
///
/// assert_eq!(Door::Open.apply(DoorEvent::Close), Ok(Door::Closed));
/// ```
///
/// ```
/// #![no_std]
///
/// #[derive(idem::StateMachine, Debug, Clone, Copy, PartialEq, Eq)]
/// #[state_machine(initial = Open)]
/// #[transition(close: Open => Closed)]
/// enum Door {
///     Open,
///     #[state(final)]
///     Closed,
/// }
///
/// # fn main() {
/// assert_eq!(Door::Open.apply(DoorEvent::Close), Ok(Door::Closed));
/// # }
/// ```
#[cfg(doctest)]
#[derive(Debug)]
pub struct Surroundings;

/// An entity does not need the newest edition.
///
/// ```edition2021
/// use idem::Versioned;
///
/// #[derive(Versioned, Clone)]
/// #[versioned(table = "doors")]
/// struct Door {
///     #[versioned(id)]
///     id: i64,
///     #[versioned(version)]
///     version: i64,
///     is_open: bool,
/// }
///
/// let door = Door { id: 1, version: 1, is_open: false };
/// assert!(!door.is_unchanged(&Door { is_open: true, ..door.clone() }));
/// ```
#[cfg(all(doctest, any(feature = "postgres", feature = "mysql", feature = "sqlite")))]
#[derive(Debug)]
pub struct EntitySurroundings;
