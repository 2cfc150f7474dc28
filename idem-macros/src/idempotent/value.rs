//! The forms that the values of options have: expressions, literals, names and paths. Words are in `word.rs`.

use proc_macro2::Ident;
use syn::{Expr, ExprLit, Lit, Path};

use super::duration::{LEASE, Limits, RETENTION};
use crate::errors::Errors;

/// An expression of the user's, and the name that it was given under.
pub(crate) struct Argument {
    pub(crate) name: Ident,
    pub(crate) value: Expr,
}

impl Argument {
    pub(crate) fn new(name: &Ident, value: &Expr) -> Self {
        Self { name: name.clone(), value: value.clone() }
    }
}

/// A duration: a literal that was checked, or an expression of type `Duration`.
pub(crate) enum Time {
    Milliseconds(u64),
    Expression(Argument),
}

/// Takes any expression.
#[expect(clippy::unnecessary_wraps, reason = "all readers have one signature")]
pub(crate) fn expression(_errors: &mut Errors, name: &Ident, value: &Expr) -> Option<Argument> {
    Some(Argument::new(name, value))
}

/// Takes any expression but a string literal, which would be the same for every call.
pub(crate) fn unquoted(errors: &mut Errors, name: &Ident, value: &Expr) -> Option<Argument> {
    let Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) = value else {
        return Some(Argument::new(name, value));
    };
    let text = text.value();
    errors.on(
        value,
        format_args!(
            "this `{name}` is the same for every call; write the expression without quotes, as in `{name} = {text}`"
        ),
    );
    None
}

/// Takes a lease.
pub(crate) fn lease(errors: &mut Errors, name: &Ident, value: &Expr) -> Option<Time> {
    time(errors, name, value, &LEASE)
}

/// Takes a retention.
pub(crate) fn retention(errors: &mut Errors, name: &Ident, value: &Expr) -> Option<Time> {
    time(errors, name, value, &RETENTION)
}

/// Takes a duration within `limits`, as a string literal or as an expression.
pub(crate) fn time(errors: &mut Errors, name: &Ident, value: &Expr, limits: &Limits) -> Option<Time> {
    let Expr::Lit(ExprLit { lit, .. }) = value else {
        return Some(Time::Expression(Argument::new(name, value)));
    };
    let parsed = match lit {
        Lit::Str(text) => limits.parse(&text.value()),
        Lit::Int(number) => {
            let number = number.base10_digits();
            Err(format!("`{number}` has no unit; write it as a string with one, as in `{name} = \"{number}s\"`"))
        }
        _ => Err(format!("`{name}` is a duration; write it as a string, as in `{name} = \"30s\"`")),
    };
    match parsed {
        Ok(duration) => Some(Time::Milliseconds(u64::try_from(duration.as_millis()).unwrap_or(u64::MAX))),
        Err(message) => {
            errors.on(value, message);
            None
        }
    }
}

/// Takes a whole number from 1, as a literal.
pub(crate) fn count(errors: &mut Errors, name: &Ident, value: &Expr) -> Option<u32> {
    let Expr::Lit(ExprLit { lit: Lit::Int(number), .. }) = value else {
        errors.on(value, format_args!("`{name}` is a whole number; write it as a literal, as in `{name} = 5`"));
        return None;
    };
    match number.base10_parse::<u32>() {
        Ok(0) => errors.on(value, format_args!("`{name}` counts from 1; write `{name} = 1`")),
        Ok(number) => return Some(number),
        Err(_) => errors.on(value, format_args!("`{name}` is at most {}", u32::MAX)),
    }
    None
}

/// Takes a name for a variable.
pub(crate) fn name(errors: &mut Errors, name: &Ident, value: &Expr) -> Option<Ident> {
    let variable = as_path(value).and_then(|path| path.get_ident());
    if variable.is_none() {
        errors.on(value, format_args!("`{name}` is the name of a variable; write `{name} = execution`"));
    }
    variable.cloned()
}

/// Takes a path.
pub(crate) fn path(errors: &mut Errors, name: &Ident, value: &Expr) -> Option<Path> {
    let path = as_path(value);
    if path.is_none() {
        let path = match value {
            Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) => text.value(),
            _ => "my_crate::idem".to_owned(),
        };
        errors.on(
            value,
            format_args!("`{name}` is the path of this library; write it without quotes, as in `{name} = {path}`"),
        );
    }
    path.cloned()
}

/// The path that `value` is, if it is one.
pub(crate) fn as_path(value: &Expr) -> Option<&Path> {
    match value {
        Expr::Path(path) if path.qself.is_none() && path.attrs.is_empty() => Some(&path.path),
        _ => None,
    }
}
