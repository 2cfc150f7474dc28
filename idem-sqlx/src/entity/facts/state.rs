//! The column of a state: how sqlx binds and reads it, on every kind of column that people keep states in.
//!
//! A state is read from what the column holds, a text or a number, and not from what the column is called. It is bound so
//! that the same bind works on any text type and any enum type.

mod databases;

use std::borrow::Cow;

use idem_core::machine::{Code, CodeType, StateMachine, UnknownCode};
use sqlx::error::BoxDynError;

/// For the expansion of the derive, whose crate need not depend on it.
pub use idem_core::machine::IsState;
/// For the expansion of the derive, whose crate need not depend on it. By name, because rustc calls types by their short names
/// in messages only as long as no crate that it sees has another type of that name.
pub mod names {
    #[cfg(feature = "mysql")]
    pub use sqlx::MySql;
    #[cfg(feature = "postgres")]
    pub use sqlx::Postgres;
    #[cfg(feature = "sqlite")]
    pub use sqlx::Sqlite;
    pub use sqlx::{Decode, Encode, Type};
}

#[cfg(feature = "mysql")]
pub use databases::mysql;
#[cfg(feature = "postgres")]
pub use databases::postgres;
#[cfg(feature = "sqlite")]
pub use databases::sqlite;

/// What a state column holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stored {
    /// A code, without the blanks that a column of fixed width fills it up with.
    Text(String),
    /// A number.
    Number(i64),
}

impl Stored {
    /// Blanks at the end are no part of a code: `CHAR(n)` is filled up with them.
    fn text(text: &str) -> Self {
        Self::Text(text.trim_end_matches(' ').to_owned())
    }

    /// The state of this code. A number may be written out: the audit's columns are texts.
    pub(in crate::entity) fn state<M: StateMachine>(&self) -> Result<M, UnknownCode> {
        match (self, M::STORE) {
            (Self::Text(text), CodeType::Text) => M::from_text(text).ok_or_else(|| UnknownCode::of::<M>(text)),
            (Self::Text(text), _) => {
                text.parse().ok().and_then(M::from_number).ok_or_else(|| UnknownCode::of::<M>(text))
            }
            (Self::Number(number), _) => M::from_number(*number).ok_or_else(|| UnknownCode::of::<M>(number)),
        }
    }

    /// Whether this is how `code` is stored, in a column of its own type or in one of texts.
    pub(in crate::entity) fn is(&self, code: Code) -> bool {
        match (self, code) {
            (Self::Text(text), Code::Text(code)) => text == code,
            (Self::Number(number), Code::Number(code)) => *number == code,
            (Self::Text(text), Code::Number(code)) => *text == code.to_string(),
            (Self::Number(_), Code::Text(_)) => false,
        }
    }

    /// The same as text.
    pub(in crate::entity) fn into_text(self) -> Cow<'static, str> {
        match self {
            Self::Text(text) => text.into(),
            Self::Number(number) => number.to_string().into(),
        }
    }
}

/// Implements sqlx's `Type`, `Encode` and `Decode` for an enum that is a state machine, for every database that is turned on.
#[doc(hidden)]
#[macro_export]
macro_rules! state_column {
    ($state:ty) => {
        $crate::__state_column_of_postgres! { $state }
        $crate::__state_column_of_mysql! { $state }
        $crate::__state_column_of_sqlite! { $state }
    };
}

/// Declares `state_column!` for one database, which expands to nothing without the database's feature.
macro_rules! state_column_of {
    ($dollar:tt $feature:literal, $name:ident, $module:ident, $database:ident) => {
        #[cfg(feature = $feature)]
        #[doc(hidden)]
        #[macro_export]
        macro_rules! $name {
            ($dollar state:ty) => {
                impl $dollar crate::entity::state::names::Type<$dollar crate::entity::state::names::$database>
                    for $dollar state
                where
                    for<'state> $dollar state: $dollar crate::entity::state::IsState<'state>,
                {
                    fn type_info() -> $dollar crate::entity::state::$module::TypeInfo {
                        $dollar crate::entity::state::$module::type_info::<Self>()
                    }
                    fn compatible(found: &$dollar crate::entity::state::$module::TypeInfo) -> ::core::primitive::bool {
                        $dollar crate::entity::state::$module::compatible::<Self>(found)
                    }
                }
                impl $dollar crate::entity::state::names::Encode<'_, $dollar crate::entity::state::names::$database>
                    for $dollar state
                where
                    for<'state> $dollar state: $dollar crate::entity::state::IsState<'state>,
                {
                    fn encode_by_ref(
                        &self,
                        buffer: &mut $dollar crate::entity::state::$module::Buffer,
                    ) -> $dollar crate::entity::state::Encoded {
                        $dollar crate::entity::state::$module::encode(*self, buffer)
                    }
                }
                impl<'r> $dollar crate::entity::state::names::Decode<'r, $dollar crate::entity::state::names::$database>
                    for $dollar state
                where
                    for<'state> $dollar state: $dollar crate::entity::state::IsState<'state>,
                {
                    fn decode(
                        value: $dollar crate::entity::state::$module::ValueRef<'r>,
                    ) -> $dollar crate::entity::state::Decoded<Self> {
                        $dollar crate::entity::state::$module::decode(value)
                    }
                }
            };
        }

        #[cfg(not(feature = $feature))]
        #[doc(hidden)]
        #[macro_export]
        macro_rules! $name {
            ($dollar state:ty) => {};
        }
    };
}
state_column_of! { $ "postgres", __state_column_of_postgres, postgres, Postgres }
state_column_of! { $ "mysql", __state_column_of_mysql, mysql, MySql }
state_column_of! { $ "sqlite", __state_column_of_sqlite, sqlite, Sqlite }

/// What encoding comes to.
pub type Encoded = Result<sqlx::encode::IsNull, BoxDynError>;
/// What decoding comes to.
pub type Decoded<T> = Result<T, BoxDynError>;
