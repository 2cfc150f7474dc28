//! What is asked of the types of columns. Each trait is asked for in one place of an expansion, at the type, so that a
//! type that does not fit is reported once.

use idem_core::machine::{Code, StateMachine};

use super::describe::SoftDeletion;

/// A number that counts the writes of a row.
///
/// `i16`, `i32` and `i64`, and a newtype of them that implements this trait and what sqlx asks of a column.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be a version column",
    label = "expected `i16`, `i32`, `i64` or a newtype that implements `VersionNumber`",
    note = "a version counts the writes of a row, and every write adds one to it"
)]
pub trait VersionNumber {
    /// The number.
    fn number(&self) -> i64;
}

impl VersionNumber for i16 {
    fn number(&self) -> i64 {
        (*self).into()
    }
}

impl VersionNumber for i32 {
    fn number(&self) -> i64 {
        (*self).into()
    }
}

impl VersionNumber for i64 {
    fn number(&self) -> i64 {
        *self
    }
}

/// A point in time, as the database's clock tells it: the types of chrono (feature `chrono`) and of time (feature `time`),
/// and a newtype of them that implements this trait and what sqlx asks of a column.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be an `updated_at` column",
    label = "expected a timestamp of chrono or time",
    note = "the database's clock is written to it; turn on the feature `chrono` or `time` of idem for the types of that crate"
)]
pub trait UpdatedAt {}

#[cfg(feature = "chrono")]
impl<Tz: chrono::TimeZone> UpdatedAt for chrono::DateTime<Tz> {}
#[cfg(feature = "chrono")]
impl UpdatedAt for chrono::NaiveDateTime {}
#[cfg(feature = "time")]
impl UpdatedAt for time::OffsetDateTime {}
#[cfg(feature = "time")]
impl UpdatedAt for time::PrimitiveDateTime {}

/// When a row was inserted: whatever can be [`UpdatedAt`].
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be a `created_at` column",
    label = "expected a timestamp of chrono or time",
    note = "the database's clock is written to it; turn on the feature `chrono` or `time` of idem for the types of that crate"
)]
pub trait CreatedAt {}

#[diagnostic::do_not_recommend]
impl<T: UpdatedAt> CreatedAt for T {}

/// Whether a row counts as deleted: `bool`, or an `Option` of a timestamp.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be a `soft_delete` column",
    label = "expected `bool` or an `Option` of a timestamp",
    note = "turn on the feature `chrono` or `time` of idem for the timestamps of that crate"
)]
pub trait SoftDelete {
    /// How it is written.
    const KIND: SoftDeletion;
}

impl SoftDelete for bool {
    const KIND: SoftDeletion = SoftDeletion::Flag;
}

#[diagnostic::do_not_recommend]
impl<T: UpdatedAt> SoftDelete for Option<T> {
    const KIND: SoftDeletion = SoftDeletion::Timestamp;
}

/// What reads a version.
#[must_use]
pub fn version_column<T: VersionNumber>() -> fn(&T) -> i64 {
    T::number
}

/// Asks for a timestamp.
pub fn updated_at_column<T: UpdatedAt>() {}

/// Asks for a timestamp.
pub fn created_at_column<T: CreatedAt>() {}

/// A state column of the machine `M`. That it is one is asked by `HasState` alone: what is asked here of another type is
/// answered by [`NoState`], so that rustc reports it once.
#[derive(Debug)]
pub struct StateColumn<'a, M>(pub &'a M);

impl<M: StateMachine> StateColumn<'_, M> {
    /// What else a row may hold.
    pub const ALIASES: &'static [(Code, Code)] = M::ALIASES;
    /// What an event of the machine needs a version for.
    pub const NEEDS_VERSION: Option<&'static str> = M::NEEDS_VERSION;
    /// What an event of the machine needs an audit table for.
    pub const NEEDS_AUDIT: Option<&'static str> = M::NEEDS_AUDIT;

    /// The state.
    #[must_use]
    pub fn state(self) -> M {
        *self.0
    }
}

/// What [`StateColumn`] has of a type that is no state machine.
pub trait NoState {
    /// What is in the column.
    type State;
    /// Nothing.
    const ALIASES: &'static [(Code, Code)] = &[];
    /// Nothing.
    const NEEDS_VERSION: Option<&'static str> = None;
    /// Nothing.
    const NEEDS_AUDIT: Option<&'static str> = None;

    /// Never called: the expansion does not compile.
    fn state(self) -> Self::State;
}

impl<M> NoState for StateColumn<'_, M> {
    type State = M;

    fn state(self) -> M {
        unreachable!("only a state machine is a state")
    }
}

/// Refuses a machine with an event that needs a version, for an entity that has none.
///
/// # Panics
///
/// At compile time, if there is such an event.
#[track_caller]
pub const fn no_version_for(event: Option<&str>, entity: &str) {
    if let Some(event) = event {
        refuse(&[
            "`",
            entity,
            "` has no `#[versioned(version)]`, but ",
            event,
            "; add a version column, or take another fence",
        ]);
    }
}

/// Refuses a machine with an event that writes audit rows, for an entity that names no table for them.
///
/// # Panics
///
/// At compile time, if there is such an event.
#[track_caller]
pub const fn no_audit_for(event: Option<&str>, entity: &str) {
    if let Some(event) = event {
        refuse(&[event, ", but `", entity, "` names no table for it; write `#[versioned(audit = \"…\")]`"]);
    }
}

/// Ends the compilation with the text that `parts` are together.
#[track_caller]
const fn refuse(parts: &[&str]) -> ! {
    let mut text = [0; 1024];
    let mut length = 0;
    let mut part = 0;
    while part < parts.len() {
        let bytes = parts[part].as_bytes();
        let mut index = 0;
        while index < bytes.len() && length < text.len() {
            text[length] = bytes[index];
            length += 1;
            index += 1;
        }
        part += 1;
    }
    match str::from_utf8(text.split_at(length).0) {
        Ok(text) => panic!("{}", text),
        Err(_) => panic!("an event needs what the entity does not have"),
    }
}

#[cfg(test)]
mod tests {
    use super::refuse;

    #[test]
    #[should_panic(expected = "`Order` has no version")]
    fn a_refusal_is_the_text_of_all_its_parts() {
        refuse(&["`", "Order", "` has no version"]);
    }
}
