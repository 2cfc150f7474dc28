//! Spans, and the small pieces that the rest is quoted from.

use proc_macro2::{Group, Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote_spanned};
use syn::Expr;

use crate::idempotent::options::Options;
use crate::idempotent::value::Argument;

/// The span of our own tokens: they are at the attribute, and their local names are not the user's.
pub(super) fn ours() -> Span {
    Span::mixed_site()
}

/// The span of a token of ours at which rustc may report a mistake in `tokens`: it is where these begin.
pub(super) fn located_at(tokens: &impl ToTokens) -> Span {
    let first = tokens.to_token_stream().into_iter().next();
    first.map_or_else(ours, |first| ours().located_at(first.span()))
}

/// The module that holds all that an expansion may name.
pub(super) fn private(options: &Options) -> TokenStream {
    let root = &options.root;
    quote_spanned!(ours()=> #root::__private)
}

/// A function of ours, all of it located where rustc should report what it asks for.
pub(super) fn function(private: &TokenStream, name: &str, span: Span) -> TokenStream {
    let private = gathered(private.clone(), span);
    let name = Ident::new(name, span);
    quote_spanned!(span=> #private::#name)
}

// Input:
//     store = self.idem
//
// Output:
//     ::idem::__private::store(&self.idem)
//
// The function has the bound, so that rustc underlines the expression and, as what asks for the bound, the option's name.
pub(super) fn checked(private: &TokenStream, name: &str, argument: &Argument) -> TokenStream {
    let function = function(private, name, located_at(&argument.name));
    let value = reference(&argument.value);
    quote_spanned!(ours()=> #function(#value))
}

// Output of `order.id`:
//     &order.id
//
// Output of `a + b`:
//     &(a + b)
//
// Without parentheses where that is the same, because rustc then underlines the whole expression.
pub(super) fn reference(value: &Expr) -> TokenStream {
    let span = located_at(value);
    let and = quote_spanned!(span=> &);
    match value {
        Expr::Array(_)
        | Expr::Await(_)
        | Expr::Call(_)
        | Expr::Field(_)
        | Expr::Group(_)
        | Expr::Index(_)
        | Expr::Lit(_)
        | Expr::Macro(_)
        | Expr::MethodCall(_)
        | Expr::Paren(_)
        | Expr::Path(_)
        | Expr::Reference(_)
        | Expr::Try(_)
        | Expr::Tuple(_) => quote_spanned!(span=> #and #value),
        _ => quote_spanned!(span=> #and(#value)),
    }
}

/// All of `tokens` at one place, so that rustc sees one mistake in them as one. `$crate` stays, since its span says
/// which crate it is.
pub(super) fn gathered(tokens: TokenStream, span: Span) -> TokenStream {
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
