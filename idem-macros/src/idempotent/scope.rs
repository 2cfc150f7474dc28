//! The name of the operation, and which functions must be given one.

use proc_macro2::{Ident, Span};
use quote::ToTokens;
use syn::{Expr, ExprLit, FnArg, GenericParam, Lit, LitStr, Signature};

use super::check::find_ident;
use super::entry::Entry;
use super::function::Head;
use super::suggest::OPTIONS;
use super::value::{Argument, as_path};
use crate::errors::Errors;
use crate::options::peel;

/// The longest scope, in bytes: what a store's index has room for.
const LONGEST: usize = 200;

/// The name of the operation.
pub(crate) enum ScopeName {
    /// Of one function.
    Literal(LitStr),
    /// Of all instances of a function.
    Shared(LitStr),
    /// An expression, which can name each instance.
    Expression(Argument),
}

impl ScopeName {
    /// Takes a string literal, `shared("…")` or an expression.
    pub(crate) fn parse(errors: &mut Errors, name: &Ident, value: &Expr) -> Option<Self> {
        match value {
            Expr::Lit(_) => literal(errors, value).map(Self::Literal),
            Expr::Call(call) if as_path(&call.func).is_some_and(|path| path.is_ident("shared")) => {
                if let (Some(shared), 1) = (call.args.first(), call.args.len()) {
                    return literal(errors, shared).map(Self::Shared);
                }
                errors.on(value, r#"`shared` needs the name; write `scope = shared("payments.charge")`"#);
                None
            }
            _ => Some(Self::Expression(Argument::new(name, value))),
        }
    }
}

/// A string literal that can be a scope.
fn literal(errors: &mut Errors, value: &Expr) -> Option<LitStr> {
    let Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) = value else {
        errors.on(value, r#"`scope` is a string; write `scope = "payments.charge"`"#);
        return None;
    };
    match text.value().len() {
        0 => errors.on(text, r#"the scope is empty; give the operation a stable name, as in `"payments.charge"`"#),
        1..=LONGEST => return Some(text.clone()),
        bytes => errors
            .on(text, format_args!("the scope is {bytes} bytes long; write a stable name of at most {LONGEST} bytes")),
    }
    None
}

/// Checks that the name of the function tells it from others, or that it has a scope which does.
pub(crate) fn check_scope(errors: &mut Errors, head: &Head, entries: &[Entry]) {
    match entries.iter().find(|Entry { name, .. }| name == "scope") {
        Some(scope) => check_scope_of_all_instances(errors, head, scope),
        None if entries.iter().any(is_reported) => {}
        None => {
            check_generic_function_without_scope(errors, head);
            check_method_without_scope(errors, head);
        }
    }
}

/// Whether something else is said where the scope is missing: that a token needs one, or that an option is misspelt.
fn is_reported(Entry { name, .. }: &Entry) -> bool {
    let name = name.to_string();
    name == "token" || OPTIONS.example(&name).is_none() && matches!(OPTIONS.meant(&name), Some("scope" | "token"))
}

/// The instances of a function are several, and may be one operation or not.
fn check_generic_function_without_scope(errors: &mut Errors, Head { signature, .. }: &Head) {
    if has_instances(signature) {
        let name = &signature.ident;
        errors.at(
            Span::call_site(),
            format_args!(
                "missing `scope`; `{name}` is generic, so say whether its instances are one operation, \
                 `scope = shared(\"payments.{name}\")`, or each is one of its own, `scope = T::SCOPE`"
            ),
        );
    }
}

/// A method has the path of its module, where other types may have one of its name.
fn check_method_without_scope(errors: &mut Errors, Head { signature, .. }: &Head) {
    if signature.receiver().is_some() && !has_instances(signature) {
        let name = &signature.ident;
        errors.at(
            Span::call_site(),
            format_args!(
                "missing `scope`; a method has none of its own, since another type may have a `{name}` too: \
                 `scope = \"payments.{name}\"`, or in a trait or a generic type one for each, `scope = Self::SCOPE`"
            ),
        );
    }
}

/// A literal names one function, and not all instances of one.
fn check_scope_of_all_instances(errors: &mut Errors, Head { signature, .. }: &Head, scope: &Entry) {
    if let Some(value @ Expr::Lit(ExprLit { lit: Lit::Str(text), .. })) = scope.value.as_ref().map(peel)
        && has_instances(signature)
    {
        let (name, text) = (&signature.ident, text.value());
        errors.on(
            value,
            format_args!(
                "all instances of `{name}` would have this scope; write `scope = shared(\"{text}\")` if they are one \
                 operation, or else name each of them, as in `scope = T::SCOPE`"
            ),
        );
    }
}

/// Whether a function has type or const parameters, named or not. Lifetimes make no instances.
fn has_instances(signature: &Signature) -> bool {
    let is_named = signature.generics.params.iter().any(|parameter| !matches!(parameter, GenericParam::Lifetime(_)));
    is_named
        || signature.inputs.iter().any(|argument| match argument {
            FnArg::Typed(argument) => find_ident(argument.ty.to_token_stream(), &|ident| ident == "impl").is_some(),
            FnArg::Receiver(_) => false,
        })
}
