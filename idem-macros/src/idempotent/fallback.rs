//! What a wrong use becomes: the mistakes, and the function as it was, so that its callers compile.

use proc_macro2::{Group, Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote, quote_spanned};
use syn::{Path, parse_quote};

use super::entry::{Entry, entries};
use super::function::braces;
use super::value;
use crate::errors::Errors;

pub(crate) fn fallback(errors: Errors, args: &TokenStream, item: &TokenStream) -> TokenStream {
    let errors = errors.into_compile_errors();
    let item = match context(args) {
        Some(context) => with_statement(item, &context),
        None => item.clone(),
    };
    quote!(#errors #item)
}

// Input:
//     context = execution
//
// Output:
//     let execution: ::idem::__private::Execution = ::core::option::Option::unwrap(::core::option::Option::None);
//
// Without it, a body that uses the context would be reported as well.
fn context(args: &TokenStream) -> Option<TokenStream> {
    let mut ignored = Errors::default();
    let entries = entries(&mut ignored, args).named;
    let find = |option: &str| entries.iter().find(|Entry { name, .. }| name == option);
    let Entry { name, value } = find("context")?;
    let variable: Ident = value::name(&mut ignored, name, value.as_ref()?)?;
    let root = find("crate").and_then(|Entry { name, value }| value::path(&mut ignored, name, value.as_ref()?));
    let root: Path = root.unwrap_or_else(|| parse_quote!(::idem));
    Some(quote_spanned! {Span::mixed_site()=>
        let #variable: #root::__private::Execution = ::core::option::Option::unwrap(::core::option::Option::None);
    })
}

/// The item with a statement at the beginning of its body, which is its last group.
fn with_statement(item: &TokenStream, statement: &TokenStream) -> TokenStream {
    let mut tokens: Vec<_> = item.clone().into_iter().collect();
    if let Some(TokenTree::Group(body)) = tokens.last_mut() {
        let block = braces(body.clone());
        let mut content = statement.clone();
        content.extend(block.stream());
        *body = Group::new(block.delimiter(), content);
        body.set_span(block.span());
    }
    tokens.iter().map(ToTokens::to_token_stream).collect()
}
