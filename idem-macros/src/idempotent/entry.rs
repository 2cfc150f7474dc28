//! The arguments of the attribute as a list of `name = value`, before it is known what each name means.

use proc_macro2::{Ident, TokenStream};
use syn::ext::IdentExt;
use syn::parse::ParseStream;
use syn::{Expr, Token, token};

use super::suggest::{self, OPTIONS};
use crate::errors::Errors;
use crate::opt::Opt;
use crate::options::{assigned, each, peel, up_to_comma};

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
    each(errors, args, is_named, |errors, input| {
        match entry(errors, input)? {
            Some(entry) => entries.named.push(entry),
            None => entries.unnamed += 1,
        }
        Ok(())
    });
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
    let value = assigned(errors, input, &name, &OPTIONS)?;
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
