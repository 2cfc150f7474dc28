//! What stands in an attribute, as a list of `name`, `name = value` and `name(value)`, before it is known what each means.

use proc_macro2::{Group, Ident, TokenStream, TokenTree};
use syn::ext::IdentExt;
use syn::parse::{Parse, ParseStream, Parser};
use syn::{Attribute, Expr, Meta, MetaList, Token, token};

use super::Options;
use crate::errors::Errors;

/// One entry. `V` is all that is known of its value.
pub(crate) struct Entry<V> {
    pub(crate) name: Ident,
    pub(crate) value: Value<V>,
    /// The options that it may be one of.
    pub(crate) options: &'static Options,
}

/// What stands behind the name.
pub(crate) enum Value<V> {
    Absent,
    /// Something that is no value, which was reported.
    Wrong,
    /// `= value`
    Assigned(V),
    /// `(value)`
    Called(Group),
}

impl<V> Entry<V> {
    /// How the option is written.
    pub(crate) fn example(&self) -> &'static str {
        self.options.example(&self.name.to_string()).unwrap_or_default()
    }
}

/// Reads the entries of all attributes with these options. A broken one is reported and skipped up to its comma.
pub(crate) fn entries<V: Parse>(
    errors: &mut Errors,
    attributes: &[Attribute],
    options: &'static Options,
) -> Vec<Entry<V>> {
    let name = options.attribute;
    let example = options.known.first().map_or("…", |(_, example)| example);
    let message = format!("options stand in parentheses; write `#[{name}({example})]`");
    let lists = arguments(errors, attributes, name, &message);
    lists.into_iter().flat_map(|list| read(errors, &list.tokens, options)).collect()
}

/// The attributes that are called `name`. One without parentheses is reported with `message`.
pub(crate) fn arguments<'a>(
    errors: &mut Errors,
    attributes: &'a [Attribute],
    name: &str,
    message: &str,
) -> Vec<&'a MetaList> {
    let mut lists = Vec::new();
    for attribute in attributes.iter().filter(|attribute| attribute.path().is_ident(name)) {
        match &attribute.meta {
            Meta::List(list) => lists.push(list),
            meta => errors.on(meta, message),
        }
    }
    lists
}

/// Reads the entries in `tokens`.
pub(crate) fn read<V: Parse>(errors: &mut Errors, tokens: &TokenStream, options: &'static Options) -> Vec<Entry<V>> {
    let mut entries = Vec::new();
    each(errors, tokens, is_named, |errors, input| {
        entries.extend(entry(errors, input, options)?);
        Ok(())
    });
    entries
}

/// Reads entries by `read`, and the commas between them. Where one is missing, what `is_entry` is read all the same.
pub(crate) fn each(
    errors: &mut Errors,
    tokens: &TokenStream,
    is_entry: impl Fn(ParseStream<'_>) -> bool,
    mut read: impl FnMut(&mut Errors, ParseStream<'_>) -> syn::Result<()>,
) {
    let parser = |input: ParseStream<'_>| {
        while !input.is_empty() {
            read(errors, input)?;
            if input.is_empty() || input.parse::<Option<Token![,]>>()?.is_some() {
                continue;
            }
            let next = input.cursor().token_tree().map(|(token, _)| token);
            errors.on(&next, "missing `,` between two options");
            if !is_entry(input) {
                up_to_comma(input)?;
            }
        }
        Ok(())
    };
    if let Err(error) = parser.parse2(tokens.clone()) {
        errors.push(error);
    }
}

fn is_named(input: ParseStream<'_>) -> bool {
    input.peek(Ident::peek_any)
}

/// One entry; `None` if it has no name, which is reported.
fn entry<V: Parse>(
    errors: &mut Errors,
    input: ParseStream<'_>,
    options: &'static Options,
) -> syn::Result<Option<Entry<V>>> {
    if !is_named(input) {
        errors.at(input.span(), format_args!("options have names; {}", options.listed()));
        up_to_comma(input)?;
        return Ok(None);
    }
    let name = input.call(Ident::parse_any)?;
    let value = if input.parse::<Option<Token![=]>>()?.is_some() {
        assigned(errors, input, &name, options)?.map_or(Value::Wrong, Value::Assigned)
    } else if input.peek(token::Paren) {
        Value::Called(input.parse()?)
    } else if input.is_empty() || input.peek(Token![,]) || is_option(input, options) {
        Value::Absent
    } else {
        let rest = up_to_comma(input)?;
        options.not_like_this(errors, &name, &rest);
        Value::Wrong
    };
    Ok(Some(Entry { name, value, options }))
}

/// Whether what comes is an option, and so a comma is missing.
fn is_option(input: ParseStream<'_>, options: &Options) -> bool {
    let next = input.fork().call(Ident::parse_any);
    next.is_ok_and(|next| options.example(&next.to_string()).is_some())
}

/// Reads what stands behind `name =`; `None` if it is missing or wrong, which is reported.
pub(crate) fn assigned<V: Parse>(
    errors: &mut Errors,
    input: ParseStream<'_>,
    name: &Ident,
    options: &Options,
) -> syn::Result<Option<V>> {
    if input.is_empty() || input.peek(Token![,]) {
        options.no_value(errors, name);
        return Ok(None);
    }
    match input.parse() {
        Ok(value) => Ok(Some(value)),
        Err(error) => {
            let example = options.example(&name.to_string());
            let example = example.map_or_else(String::new, |example| format!(", as in `{example}`"));
            errors.at(error.span(), format_args!("{error}{example}"));
            up_to_comma(input)?;
            Ok(None)
        }
    }
}

/// Reads what is left of an entry.
pub(crate) fn up_to_comma(input: ParseStream<'_>) -> syn::Result<TokenStream> {
    let mut rest = TokenStream::new();
    while !input.is_empty() && !input.peek(Token![,]) {
        rest.extend([input.parse::<TokenTree>()?]);
    }
    Ok(rest)
}

/// The expression inside the invisible group around a fragment of `macro_rules!`.
pub(crate) fn peel(value: &Expr) -> &Expr {
    match value {
        Expr::Group(group) => peel(&group.expr),
        value => value,
    }
}
