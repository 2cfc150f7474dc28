//! What an option is set to.

use quote::ToTokens;
use syn::{Expr, Lit, LitStr, Path};

use crate::errors::Errors;
use crate::options::{self, Value, peel};

/// One option: values are expressions.
pub(crate) type Entry = options::Entry<Expr>;

/// An option without a value.
pub(crate) fn flag(errors: &mut Errors, entry: &Entry) -> Option<()> {
    match &entry.value {
        Value::Absent => return Some(()),
        Value::Wrong => {}
        Value::Assigned(value) => errors.on(value, format_args!("`{0}` takes no value; write `{0}`", entry.name)),
        Value::Called(value) => entry.options.not_like_this(errors, &entry.name, value),
    }
    None
}

/// A string.
pub(crate) fn string(errors: &mut Errors, entry: &Entry) -> Option<LitStr> {
    match given(errors, entry)? {
        Expr::Lit(literal) => match &literal.lit {
            Lit::Str(text) => Some(text.clone()),
            _ => wrong(errors, entry, literal, "is a string"),
        },
        value => wrong(errors, entry, value, "is a string"),
    }
}

/// A path.
pub(crate) fn path(errors: &mut Errors, entry: &Entry) -> Option<Path> {
    match given(errors, entry)? {
        Expr::Path(path) if path.qself.is_none() => Some(path.path.clone()),
        value => wrong(errors, entry, value, "is a path, without quotes"),
    }
}

fn given<'e>(errors: &mut Errors, entry: &'e Entry) -> Option<&'e Expr> {
    match &entry.value {
        Value::Assigned(value) => return Some(peel(value)),
        Value::Wrong => {}
        Value::Absent => entry.options.no_value(errors, &entry.name),
        Value::Called(value) => entry.options.not_like_this(errors, &entry.name, value),
    }
    None
}

fn wrong<T>(errors: &mut Errors, entry: &Entry, value: &impl ToTokens, what: &str) -> Option<T> {
    errors.on(value, format_args!("`{}` {what}; write `{}`", entry.name, entry.example()));
    None
}
