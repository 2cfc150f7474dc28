//! How the expansion gives a column to a statement.

use serde::Serialize;
use sqlx::Arguments as _;
use sqlx::types::JsonRawValue;

use crate::entity::database::{Arguments, BindError, Value};

/// A value as JSON, written in the order of its fields.
pub type Json = sqlx::types::Json<Box<JsonRawValue>>;

/// Adds a value.
///
/// # Errors
///
/// If the value cannot be encoded.
pub fn add<DB: sqlx::Database, T: Value<DB>>(arguments: &mut Arguments<DB>, value: &T) -> Result<(), BindError> {
    arguments.add(value)
}

/// What a statement asks for if it binds a column that nothing writes.
///
/// # Errors
///
/// Always.
pub fn never_bound(column: usize) -> Result<(), BindError> {
    Err(format!("the column {column} is never bound").into())
}

/// A field that is stored as JSON.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be stored as JSON",
    label = "no `serde::Serialize`",
    note = "write `#[derive(serde::Serialize, serde::Deserialize)]` on it"
)]
pub trait JsonValue: Serialize {}

#[diagnostic::do_not_recommend]
impl<T: Serialize> JsonValue for T {}

/// A field that is stored as JSON or as NULL.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be stored as nullable JSON",
    label = "expected an `Option` of what implements `serde::Serialize`",
    note = "without `(nullable)`, `None` is the JSON value `null`"
)]
pub trait NullableJsonValue {
    #[doc(hidden)]
    fn encode(&self) -> Result<Option<Json>, BindError>;
}

#[diagnostic::do_not_recommend]
impl<T: Serialize> NullableJsonValue for Option<T> {
    fn encode(&self) -> Result<Option<Json>, BindError> {
        self.as_ref().map(encode).transpose()
    }
}

/// A field that is stored as a `T`, from which sqlx's `try_from` reads it.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be written as `{T}`",
    label = "read by `try_from`, and not written",
    note = "implement `From<{Self}> for {T}`, and `Clone` for `{Self}`; or mark the field `#[versioned(generated)]` if only \
            the database writes it"
)]
pub trait StoredAs<T>: Clone {
    #[doc(hidden)]
    fn convert(&self) -> Result<T, BindError>;
}

#[diagnostic::do_not_recommend]
impl<T: Clone, Stored: TryFrom<T, Error: Into<BindError>>> StoredAs<Stored> for T {
    fn convert(&self) -> Result<Stored, BindError> {
        Stored::try_from(self.clone()).map_err(Into::into)
    }
}

/// What writes a field as JSON.
#[must_use]
pub fn json<T: JsonValue>() -> fn(&T) -> Result<Json, BindError> {
    encode
}

fn encode<T: Serialize>(value: &T) -> Result<Json, BindError> {
    Ok(sqlx::types::Json(serde_json::value::to_raw_value(value)?))
}

/// What writes a field as JSON or NULL.
#[must_use]
pub fn nullable_json<T: NullableJsonValue>() -> fn(&T) -> Result<Option<Json>, BindError> {
    T::encode
}

/// What writes a field as a `U`.
#[must_use]
pub fn converted<T: StoredAs<U>, U>() -> fn(&T) -> Result<U, BindError> {
    T::convert
}
