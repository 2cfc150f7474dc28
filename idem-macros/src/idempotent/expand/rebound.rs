//! Arguments that `#[async_trait]` binds again inside the body.
//!
//! It writes `let id = id;` in front of the body. If only the key names `id`, which we evaluate outside, rustc would call
//! that binding unused, though the user's argument is not.

use proc_macro2::{Group, Ident, TokenStream, TokenTree};
use quote::{ToTokens, quote_spanned};

use super::tokens::ours;
use crate::idempotent::options::Options;

// Input:
//     let id = id;
//
// Output, if an option names `id`:
//     let id = id;
//     let _ = &id;
pub(super) fn used(body: &Group, options: &Options) -> Group {
    let mut named = Vec::new();
    options.arguments().for_each(|argument| collect(argument.value.to_token_stream(), &mut named));
    used_in(body, &named)
}

/// All names in `tokens`.
pub(super) fn collect(tokens: TokenStream, idents: &mut Vec<Ident>) {
    for token in tokens {
        match token {
            TokenTree::Ident(ident) => idents.push(ident),
            TokenTree::Group(group) => collect(group.stream(), idents),
            _ => {}
        }
    }
}

fn used_in(group: &Group, named: &[Ident]) -> Group {
    let mut tokens: Vec<TokenTree> = Vec::new();
    for token in group.stream() {
        match token {
            TokenTree::Group(inner) => tokens.push(used_in(&inner, named).into()),
            token => tokens.push(token),
        }
        if let Some(rebound) = rebound(&tokens).filter(|rebound| named.contains(rebound)) {
            let rebound = rebound.clone();
            tokens.extend(quote_spanned!(ours()=> let _ = &#rebound;));
        }
    }
    let mut used = Group::new(group.delimiter(), tokens.into_iter().collect());
    used.set_span(group.span());
    used
}

/// Whether there is a `let mut id = id;` in `body`.
pub(super) fn is_mutable(body: &Group, id: &Ident) -> bool {
    let mut tokens: Vec<TokenTree> = Vec::new();
    body.stream().into_iter().any(|token| {
        let is_within = matches!(&token, TokenTree::Group(group) if is_mutable(group, id));
        tokens.push(token);
        let is_mut = tokens.iter().rev().nth(4).is_some_and(|token| token.to_string() == "mut");
        is_within || (is_mut && rebound(&tokens) == Some(id))
    })
}

/// The `id` of `let id = id;` or `let mut id = id;` at the end of `tokens`.
fn rebound(tokens: &[TokenTree]) -> Option<&Ident> {
    let (keyword, bound, equals, value, end) = match tokens {
        [.., TokenTree::Ident(keyword), TokenTree::Ident(mutability), bound, equals, value, end]
            if mutability == "mut" =>
        {
            (keyword, bound, equals, value, end)
        }
        [.., TokenTree::Ident(keyword), bound, equals, value, end] => (keyword, bound, equals, value, end),
        _ => return None,
    };
    let is = |token: &TokenTree, punct| matches!(token, TokenTree::Punct(found) if found.as_char() == punct);
    match (bound, value) {
        (TokenTree::Ident(bound), TokenTree::Ident(value)) if bound == value => {
            (keyword == "let" && is(equals, '=') && is(end, ';')).then_some(bound)
        }
        _ => None,
    }
}
