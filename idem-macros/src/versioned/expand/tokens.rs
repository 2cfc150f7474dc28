//! Spans, and the small pieces that the rest is quoted from.

use proc_macro2::{Group, Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote_spanned};
use syn::{Path, Type};

/// The span of our own tokens: they are at the derive, and their local names are not the user's.
pub(crate) fn ours() -> Span {
    Span::mixed_site()
}

/// The span of a token of ours at which rustc may report a mistake in `tokens`: it is where these begin.
pub(crate) fn located_at(tokens: &impl ToTokens) -> Span {
    let first = tokens.to_token_stream().into_iter().next();
    first.map_or_else(ours, |first| ours().located_at(first.span()))
}

/// The module that holds all that an expansion may name.
pub(crate) fn entity(root: &Path) -> TokenStream {
    quote_spanned!(ours()=> #root::__private::entity)
}

/// An item of ours, all of it located where rustc should report what it asks for.
pub(super) fn item(entity: &TokenStream, name: &str, span: Span) -> TokenStream {
    let entity = gathered(entity.clone(), span);
    let name = Ident::new(name, span);
    quote_spanned!(span=> #entity::#name)
}

// Output:
//     ::idem::__private::entity::HasState<OrderStatus>
//
// All of it is located at the type, where rustc reports a type that does not fit.
pub(super) fn of_type(entity: &TokenStream, name: &str, ty: &Type) -> TokenStream {
    let span = located_at(ty);
    let item = item(entity, name, span);
    let end = ty.to_token_stream().into_iter().last().map_or_else(ours, |last| ours().located_at(last.span()));
    let close = quote_spanned!(end=> >);
    quote_spanned!(span=> #item<#ty #close)
}

/// All of `tokens` at one place. `$crate` stays, since its span says which crate it is.
fn gathered(tokens: TokenStream, span: Span) -> TokenStream {
    let gather = |token| match token {
        TokenTree::Group(group) => {
            let mut gathered = Group::new(group.delimiter(), gathered(group.stream(), span));
            gathered.set_span(span);
            TokenTree::Group(gathered)
        }
        TokenTree::Ident(ident) if ident == "$crate" => TokenTree::Ident(ident),
        mut token => {
            token.set_span(span);
            token
        }
    };
    tokens.into_iter().map(gather).collect()
}
