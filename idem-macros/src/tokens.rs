//! Spans, and the small pieces that all expansions are quoted from.

use proc_macro2::{Group, Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote_spanned};

/// The span of our own tokens: they are at the attribute or the derive, and their local names are not the user's.
pub(crate) fn ours() -> Span {
    Span::mixed_site()
}

/// The span of a token of ours at which rustc may report a mistake in `tokens`: it is where these begin.
pub(crate) fn located_at(tokens: &impl ToTokens) -> Span {
    let first = tokens.to_token_stream().into_iter().next();
    first.map_or_else(ours, |first| ours().located_at(first.span()))
}

/// An item of a module of ours, all of it located where rustc should report what it asks for.
pub(crate) fn item(module: &TokenStream, name: &str, span: Span) -> TokenStream {
    let module = gathered(module.clone(), span);
    let name = Ident::new(name, span);
    quote_spanned!(span=> #module::#name)
}

/// All of `tokens` at one place, so that rustc sees one mistake in them as one. `$crate` stays, since its span says
/// which crate it is.
pub(crate) fn gathered(tokens: TokenStream, span: Span) -> TokenStream {
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
