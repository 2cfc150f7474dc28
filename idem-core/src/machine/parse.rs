//! Events by their names.

use std::fmt;
use std::marker::PhantomData;

use serde::Deserializer;
use serde::de::{Error, Visitor};

use super::{MachineEvent, StateMachine, UnknownEvent};

/// The event that is called `name`.
///
/// # Errors
///
/// There is none.
pub fn parse_event<E: MachineEvent>(name: &str) -> Result<E, UnknownEvent> {
    E::ALL.iter().copied().find(|event| event.name() == name).ok_or_else(|| UnknownEvent::of::<E>(name))
}

/// Reads an event that was written as its name.
///
/// # Errors
///
/// What the deserializer says, or that there is no event of that name.
pub fn deserialize_event<'de, E: MachineEvent, D: Deserializer<'de>>(deserializer: D) -> Result<E, D::Error> {
    deserializer.deserialize_str(ByName(PhantomData))
}

struct ByName<E>(PhantomData<E>);

impl<E: MachineEvent> Visitor<'_> for ByName<E> {
    type Value = E;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the name of an event of `{}`", E::Machine::NAME)
    }

    fn visit_str<Failure: Error>(self, name: &str) -> Result<E, Failure> {
        parse_event(name).map_err(Failure::custom)
    }
}
