//! What a column holds of a state.

use std::fmt;

/// What a column of the database holds of a state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Code {
    /// A text, which holds letters, digits, `_ . : -` and blanks between them, so that it can stand in a statement as it is.
    Text(&'static str),
    /// A number, which fits the [`CodeType`] of its machine.
    Number(i64),
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(code) => f.write_str(code),
            Self::Number(code) => write!(f, "{code}"),
        }
    }
}

/// The type of the codes of a machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CodeType {
    /// A text, in a column of any text type, or of an enum type of the database.
    Text,
    /// A number of 16 bits.
    Int16,
    /// A number of 32 bits.
    Int32,
}
