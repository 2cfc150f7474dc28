//! What an expansion says about the types of its function. Not a public interface: the facade re-exports it as
//! `__private`, for the macros.
//!
//! rustc reports a bound wherever it is written, so a bound on `call` would be reported at the call, at its future and at
//! its `.await`: three times for one mistake, and never at the type. Here each bound stands on one tiny function, which
//! the expansion names with the user's own tokens, and what the function hands out carries no bound: the abilities of
//! the type, as function pointers.

/// What is in these types is functions, of which there is nothing to show.
macro_rules! opaque {
    ($($name:literal: impl[$($generic:tt)*] $type:ty;)*) => {$(
        impl<$($generic)*> std::fmt::Debug for $type {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.debug_struct($name).finish_non_exhaustive()
            }
        }
    )*};
}

mod returning;
mod joined;
mod scope;
mod token;

use std::sync::Arc;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::codec::{self, NotDecoded, NotEncoded};
use crate::engine;
use crate::{AsStore, Error, Execution, IntoKey, KeyWriter, Operation, Scope, Store};

pub use crate::engine::body_to_the_end;
pub use joined::*;
pub use scope::*;
pub use token::*;

/// The store of a call, in a handle of its own, so that the body may move what the expression borrows.
pub fn store<S: AsStore + ?Sized>(store: &S) -> Arc<dyn Store> {
    store.as_store()
}

/// A call.
pub fn operation<K: IntoKey + ?Sized>(scope: Result<Scope, Error>, key: &K) -> Operation {
    Operation::scoped(scope, key)
}

/// A key, or a part of one that is a tuple.
pub fn key<K: IntoKey + ?Sized>(key: &K) -> CheckedKey<'_, K> {
    CheckedKey { key, write: K::write_key }
}

/// A key whose type was checked.
pub struct CheckedKey<'a, K: ?Sized> {
    key: &'a K,
    write: fn(&K, &mut KeyWriter),
}

impl<K: ?Sized> IntoKey for CheckedKey<'_, K> {
    fn write_key(&self, key: &mut KeyWriter) {
        (self.write)(self.key, key);
    }
}

/// A value that is stored, and that a retry gets back.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be stored and replayed",
    label = "a retry gets this back from the store",
    note = "write `#[derive(serde::Serialize, serde::Deserialize)]` on `{Self}`",
    note = "a type parameter needs the bounds `serde::Serialize + serde::de::DeserializeOwned`"
)]
pub trait Replayable: Serialize + DeserializeOwned {}

#[diagnostic::do_not_recommend]
impl<T: Serialize + DeserializeOwned> Replayable for T {}

/// An error that can say why a call has no outcome.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot say why a call was refused",
    label = "has no `From<idem::Error>`",
    note = "write `impl From<idem::Error> for {Self}`, or with thiserror a variant `Idem(#[from] idem::Error)`; a type of \
            another crate cannot have one: return an error of your own, `anyhow::Error` or `idem::Error`"
)]
pub trait Refusal: From<Error> {}

#[diagnostic::do_not_recommend]
impl<E: From<Error>> Refusal for E {}

/// An error that is stored, and that a retry gets back.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be stored and replayed, which keeping errors needs",
    label = "a retry gets this back from the store",
    note = "write `#[derive(serde::Serialize, serde::Deserialize)]` on `{Self}`, or leave out `errors`, so that the \
            next call runs again after an error"
)]
pub trait KeptError: Serialize + DeserializeOwned {}

#[diagnostic::do_not_recommend]
impl<E: Serialize + DeserializeOwned> KeptError for E {}

/// `Result`, through any alias.
#[diagnostic::on_unimplemented(
    message = "an idempotent function returns a `Result`, not `{Self}`",
    label = "no `Result`",
    note = "return one, so that a refused call can say why: `-> Result<{Self}, MyError>`"
)]
pub trait IsResult {
    /// What a retry gets back.
    type Value;
    /// What a refused call gets.
    type Error;

    /// What is in the result.
    fn view(&self) -> Result<&Self::Value, &Self::Error>;

    /// The result itself.
    fn from_result(result: Result<Self::Value, Self::Error>) -> Self;
}

impl<T, E> IsResult for Result<T, E> {
    type Value = T;
    type Error = E;

    fn view(&self) -> Result<&T, &E> {
        self.as_ref()
    }

    fn from_result(result: Self) -> Self {
        result
    }
}

/// How values of a type are stored.
struct Codec<T> {
    encode: fn(&T) -> Result<String, NotEncoded>,
    decode: fn(&str) -> Result<T, NotDecoded>,
}

impl<T: Serialize + DeserializeOwned> Codec<T> {
    const JSON: Self = Self { encode: codec::encode, decode: codec::decode };
}

/// What the engine must know of a value.
pub struct Value<T>(Codec<T>);

/// What the engine must know of an error.
pub struct Failure<E> {
    refuse: fn(Error) -> E,
    kept: Option<Kept<E>>,
    unknown: Option<fn(&E) -> bool>,
}

/// Which errors are kept, and how.
struct Kept<E> {
    keep: fn(&E) -> bool,
    codec: Codec<E>,
}

/// What the engine must know of a function that returns `R`, which is a `Result<T, E>`.
pub struct Returns<R, T, E> {
    value: Value<T>,
    failure: Failure<E>,
    view: fn(&R) -> Result<&T, &E>,
    from_result: fn(Result<T, E>) -> R,
}

/// A value.
#[must_use]
pub fn value<T: Replayable>() -> Value<T> {
    Value(Codec::JSON)
}

/// An error that is not kept.
#[must_use]
pub fn error<E: Refusal>() -> Failure<E> {
    Failure { refuse: E::from, kept: None, unknown: None }
}

/// An error that is always kept.
#[must_use]
pub fn kept_error<E: Refusal + KeptError>() -> Failure<E> {
    kept_error_if(|_| true)
}

/// An error that is kept if `keep` says so.
pub fn kept_error_if<E: Refusal + KeptError>(keep: fn(&E) -> bool) -> Failure<E> {
    Failure { refuse: E::from, kept: Some(Kept { keep, codec: Codec::JSON }), unknown: None }
}

impl<E> Failure<E> {
    /// An error after which nobody knows what the body did, if `unknown` says so.
    #[must_use]
    pub fn unknown_if(self, unknown: fn(&E) -> bool) -> Self {
        Self { unknown: Some(unknown), ..self }
    }
}

/// A function that writes out its `Result`.
#[must_use]
pub fn returns<T, E>(value: Value<T>, failure: Failure<E>) -> Returns<Result<T, E>, T, E> {
    alias(value, failure)
}

/// A function that returns an alias of `Result`.
#[must_use]
pub fn alias<R: IsResult>(value: Value<R::Value>, failure: Failure<R::Error>) -> Returns<R, R::Value, R::Error> {
    Returns { value, failure, view: R::view, from_result: R::from_result }
}

/// Runs the body at most once per key, or replays what it returned.
pub fn call<R, T, E, Body, Running>(
    store: Arc<dyn Store>,
    operation: Operation,
    returns: Returns<R, T, E>,
    body: Body,
) -> impl Future<Output = R>
where
    Body: FnOnce(Execution) -> Running,
    Running: Future<Output = R>,
{
    engine::execute(store, operation.into_terms(), returns, body)
}

opaque! {
    "CheckedKey": impl[K: ?Sized] CheckedKey<'_, K>;
    "Value": impl[T] Value<T>;
    "Failure": impl[E] Failure<E>;
    "Returns": impl[R, T, E] Returns<R, T, E>;
}
