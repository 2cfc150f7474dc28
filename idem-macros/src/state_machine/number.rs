//! Codes that are numbers.

use std::fmt;

use proc_macro2::Span;
use syn::{Expr, ExprLit, ExprUnary, Lit, LitInt, UnOp};

use super::item::DeclaredState;
use super::machine::{Code, Store};
use crate::errors::Errors;

/// The value of the variant, as its code. The first state without one is reported for all.
pub(crate) fn number_code(
    errors: &mut Errors,
    state: &DeclaredState,
    store: Store,
    lacks_value: &mut bool,
) -> Option<(Code, Span)> {
    let name = &state.name;
    if let Some(code) = state.options.code.as_ref() {
        errors.on(code, format_args!("with `store = \"{store}\"` the code is the variant's value\nhelp: `{name} = 1`"));
        return None;
    }
    let Some(expression) = &state.discriminant else {
        if !std::mem::replace(lacks_value, true) {
            errors.on(
                name,
                format_args!(
                    "`store = \"{store}\"` needs an explicit value per state, because reordering variants would change \
                     stored data\nhelp: `{name} = 1`"
                ),
            );
        }
        return None;
    };
    let Some((literal, is_negative)) = integer(expression) else {
        errors.on(expression, "the value of a state is an integer literal, because it is part of static statements");
        return None;
    };
    let text = if is_negative { format!("-{}", literal.base10_digits()) } else { literal.base10_digits().to_owned() };
    let span = literal.span();
    fitting(&text, store).map(|code| (code, span)).or_else(|| {
        errors.on(expression, does_not_fit(&text, store));
        None
    })
}

fn integer(expression: &Expr) -> Option<(&LitInt, bool)> {
    match expression {
        Expr::Lit(ExprLit { lit: Lit::Int(literal), .. }) => Some((literal, false)),
        Expr::Unary(ExprUnary { op: UnOp::Neg(_), expr, .. }) => integer(expr).map(|(literal, sign)| (literal, !sign)),
        Expr::Group(group) => integer(&group.expr),
        Expr::Paren(paren) => integer(&paren.expr),
        _ => None,
    }
}

/// The number, if the column can hold it.
pub(crate) fn fitting(text: &str, store: Store) -> Option<Code> {
    let number = match store {
        Store::Int16 => text.parse::<i16>().ok().map(i64::from),
        Store::Int32 => text.parse::<i32>().ok().map(i64::from),
        Store::Text => None,
    };
    number.map(Code::Number)
}

/// What is said if it cannot.
pub(crate) fn does_not_fit(text: &str, store: Store) -> String {
    let column = if store == Store::Int16 { "smallint" } else { "integer" };
    format!("{text} does not fit the `{column}` chosen by `store = \"{store}\"`")
}

impl fmt::Display for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Text => "text",
            Self::Int16 => "int16",
            Self::Int32 => "int32",
        })
    }
}
