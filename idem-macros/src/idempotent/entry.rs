//! The arguments of the attribute as a list of `name = value`, before it is known what each name means.

use proc_macro2::{Ident, TokenStream, TokenTree};
use syn::ext::IdentExt;
use syn::parse::{ParseStream, Parser};
use syn::{Expr, Token, token};

use super::suggest;
use crate::errors::Errors;
use crate::opt::Opt;

/// One `name = value`.
pub(crate) struct Entry {
    pub(crate) name: Ident,
    /// `None` if the value is missing or is no expression, which was reported.
    pub(crate) value: Option<Expr>,
}

impl Entry {
    /// Sets `option` to the value of this entry, as `convert` reads it; `convert` reports what is wrong with it.
    pub(crate) fn read<T>(
        &self,
        errors: &mut Errors,
        option: &mut Opt<T>,
        convert: impl FnOnce(&mut Errors, &Ident, &Expr) -> Option<T>,
    ) {
        let value = self.value.as_ref().and_then(|value| convert(errors, &self.name, peel(value)));
        option.set(errors, &self.name, value);
    }
}

/// The expression inside the invisible group around a fragment of `macro_rules!`.
fn peel(value: &Expr) -> &Expr {
    match value {
        Expr::Group(group) => peel(&group.expr),
        value => value,
    }
}

/// The arguments of one use.
#[derive(Default)]
pub(crate) struct Entries {
    pub(crate) named: Vec<Entry>,
    /// Values without a name, which were reported. What they were meant to set is not missing.
    pub(crate) unnamed: usize,
}

/// Reads all entries. A broken one is reported and skipped up to its comma.
pub(crate) fn entries(errors: &mut Errors, args: &TokenStream) -> Entries {
    let mut entries = Entries::default();
    let parser = |input: ParseStream<'_>| {
        while !input.is_empty() {
            match entry(errors, input)? {
                Some(entry) => entries.named.push(entry),
                None => entries.unnamed += 1,
            }
            comma(errors, input)?;
        }
        Ok(())
    };
    if let Err(error) = parser.parse2(args.clone()) {
        errors.push(error);
    }
    entries
}

/// One entry; `None` if it has no name.
fn entry(errors: &mut Errors, input: ParseStream<'_>) -> syn::Result<Option<Entry>> {
    if !is_named(input) {
        let expression = up_to_comma(input)?;
        suggest::unnamed(errors, &expression);
        return Ok(None);
    }
    let name = input.call(Ident::parse_any)?;
    if !input.peek(Token![=]) {
        let rest = up_to_comma(input)?;
        let is_option = suggest::without_equals(errors, &name, &rest);
        return Ok(is_option.then_some(Entry { name, value: None }));
    }
    input.parse::<Token![=]>()?;
    let value = value(errors, input, &name)?;
    Ok(Some(Entry { name, value }))
}

/// Whether what comes is a name with or without a value, and not an expression such as `self.idem`.
fn is_named(input: ParseStream<'_>) -> bool {
    if !input.peek(Ident::peek_any) || input.peek(Token![self]) {
        return false;
    }
    let is_path = input.peek2(Token![::]);
    let is_assigned = input.peek2(Token![=]) || input.peek2(Token![:]);
    let is_called = input.peek2(token::Paren);
    let is_alone = input.peek2(Token![,]) || is_last(input);
    !is_path && (is_assigned || is_called || is_alone)
}

fn is_last(input: ParseStream<'_>) -> bool {
    input.cursor().token_tree().is_some_and(|(_, rest)| rest.eof())
}

fn value(errors: &mut Errors, input: ParseStream<'_>, name: &Ident) -> syn::Result<Option<Expr>> {
    if input.is_empty() || input.peek(Token![,]) {
        // A name that is no option is reported when it is read.
        if let Some(example) = suggest::example(&name.to_string()) {
            errors.on(name, format_args!("`{name}` has no value; write `{example}`"));
        }
        return Ok(None);
    }
    match input.parse::<Expr>() {
        Ok(value) => Ok(Some(value)),
        Err(error) => {
            let example =
                suggest::example(&name.to_string()).map_or_else(String::new, |example| format!(", as in `{example}`"));
            errors.at(error.span(), format_args!("{error}{example}"));
            up_to_comma(input)?;
            Ok(None)
        }
    }
}

/// Reads the comma between two entries.
fn comma(errors: &mut Errors, input: ParseStream<'_>) -> syn::Result<()> {
    if input.is_empty() {
        return Ok(());
    }
    if !input.peek(Token![,]) {
        let next = input.cursor().token_tree().map(|(token, _)| token);
        errors.on(&next, "missing `,` between two options");
        if !is_named(input) {
            up_to_comma(input)?;
        }
        return Ok(());
    }
    input.parse::<Token![,]>().map(drop)
}

fn up_to_comma(input: ParseStream<'_>) -> syn::Result<TokenStream> {
    let mut skipped = TokenStream::new();
    while !input.is_empty() && !input.peek(Token![,]) {
        skipped.extend([input.parse::<TokenTree>()?]);
    }
    Ok(skipped)
}
