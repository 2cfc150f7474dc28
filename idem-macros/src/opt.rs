//! An option that may be set once.

use proc_macro2::Ident;

use crate::errors::Errors;

/// An option of an attribute, which may be set once.
#[derive(Default)]
pub(crate) enum Opt<T> {
    #[default]
    Absent,
    /// Set to something wrong, which was reported.
    Wrong,
    Set(T),
}

impl<T> Opt<T> {
    /// Sets the option that is called `name`; `value` is `None` if it was wrong and reported.
    pub(crate) fn set(&mut self, errors: &mut Errors, name: &Ident, value: Option<T>) {
        match self {
            Self::Absent => *self = value.map_or(Self::Wrong, Self::Set),
            Self::Wrong => {}
            Self::Set(_) => errors.on(name, format_args!("`{name}` is set twice; keep one of them")),
        }
    }

    /// Says that the option was set in a way that was reported, so that it is not reported as missing as well.
    pub(crate) fn not_missing(&mut self) {
        if matches!(self, Self::Absent) {
            *self = Self::Wrong;
        }
    }

    /// Whether the option was set, to something right or wrong.
    pub(crate) fn is_set(&self) -> bool {
        !matches!(self, Self::Absent)
    }

    /// The value where it is, if there is a right one.
    pub(crate) fn as_ref(&self) -> Option<&T> {
        match self {
            Self::Set(value) => Some(value),
            Self::Absent | Self::Wrong => None,
        }
    }

    /// The value, if there is a right one.
    pub(crate) fn optional(self) -> Option<T> {
        match self {
            Self::Set(value) => Some(value),
            Self::Absent | Self::Wrong => None,
        }
    }

    /// The value; calls `missing` if the option was never set.
    pub(crate) fn required(self, missing: impl FnOnce()) -> Option<T> {
        if matches!(self, Self::Absent) {
            missing();
        }
        self.optional()
    }
}
