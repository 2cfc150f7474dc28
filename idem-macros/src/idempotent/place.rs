//! The value of `tx`: a place, which is borrowed before, in and after the body.

use proc_macro2::Ident;
use syn::{Expr, ExprLit, Lit, UnOp};

use super::value::as_path;
use crate::errors::Errors;

/// Where a transaction is.
pub(crate) struct Place {
    /// The transaction, or what dereferences to it.
    pub(crate) value: Expr,
    /// Whether it is what the value dereferences to.
    pub(crate) behind: bool,
    /// The variable that it is in.
    pub(crate) root: Ident,
}

impl Place {
    /// Takes a variable, a field, `*place` or `&mut place`; any other expression could be another one each time.
    pub(crate) fn parse(errors: &mut Errors, name: &Ident, value: &Expr) -> Option<Self> {
        let (place, behind) = match value {
            Expr::Reference(reference) if reference.mutability.is_some() => (&*reference.expr, false),
            Expr::Unary(unary) if matches!(unary.op, UnOp::Deref(_)) => (value, false),
            _ => (value, true),
        };
        let root = root(place);
        if root.is_none() {
            report(errors, name, value);
        }
        Some(Self { value: place.clone(), behind, root: root?.clone() })
    }

    /// Whether the value is the variable itself.
    pub(crate) fn value_is_root(&self) -> bool {
        as_path(&self.value).is_some()
    }
}

/// The variable that a place is in; `None` if `value` is no place.
fn root(value: &Expr) -> Option<&Ident> {
    match value {
        Expr::Path(_) => as_path(value)?.get_ident(),
        Expr::Field(field) => root(&field.base),
        Expr::Unary(unary) if matches!(unary.op, UnOp::Deref(_)) => root(&unary.expr),
        Expr::Paren(paren) => root(&paren.expr),
        Expr::Group(group) => root(&group.expr),
        _ => None,
    }
}

fn report(errors: &mut Errors, name: &Ident, value: &Expr) {
    match value {
        Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) => errors.on(
            value,
            format_args!(
                "`{name}` is the transaction itself; write it without quotes, as in `{name} = {}`",
                text.value()
            ),
        ),
        Expr::Reference(reference) if root(&reference.expr).is_some() => {
            errors.on(value, format_args!("`{name}` is written to; borrow it as `&mut`"));
        }
        _ => errors.on(
            value,
            format_args!(
                "`{name}` is used before and after the body, so it names a transaction that is there already; write \
                 `{name} = tx`, `{name} = self.tx` or `{name} = &mut tx`"
            ),
        ),
    }
}
