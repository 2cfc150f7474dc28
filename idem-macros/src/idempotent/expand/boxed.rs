//! A body in the caller's transaction that `#[async_trait]` has already made a boxed future of.
//!
//! That future is an `async move` of its own, which takes the variable that the transaction is in. So the body is given
//! a borrow of it, under the same name.

use proc_macro2::{Group, Ident, TokenStream, TokenTree};
use quote::quote_spanned;
use syn::{FnArg, Pat, Type};

use super::rebound;
use super::tokens::ours;
use crate::idempotent::function::Function;
use crate::idempotent::options::Options;
use crate::idempotent::place::Place;

// Output, where the body has `let mut tx = tx;`:
//     let mut tx = tx;
//
// `#[async_trait]` takes the `mut` from the argument.
pub(super) fn rebinding(tx: &Place, function: &Function) -> Option<TokenStream> {
    let root = &tx.root;
    let is_rebound = function.returned.future.is_some() && rebound::is_mutable(&function.body.block, root);
    is_rebound.then(|| quote_spanned!(ours()=> let mut #root = #root;))
}

// Output:
//     let tx = &mut *tx;
//     let future: Pin<Box<dyn Future<Output = Result<Receipt, PayError>> + … + '_>> = { BODY };
//     future.await
pub(super) fn statements(options: &Options, tx: &Place, function: &Function, future: &Type) -> TokenStream {
    let block = rebound::used(&function.body.block, options);
    let future = without_lifetime(quote_spanned!(ours()=> #future));
    let (lent, block) = lent(tx, function, block);
    quote_spanned! {ours()=>
        #lent
        let future: #future = #block;
        future.await
    }
}

/// The borrow that the body gets in place of the variable.
fn lent(tx: &Place, function: &Function, block: Group) -> (TokenStream, Group) {
    let root = &tx.root;
    if root == "self" {
        // `self` is no name that can be bound again; the body has it as `let __self = self;`.
        let lent = Ident::new("lent", ours());
        let block = with_self(&block, &lent);
        return (quote_spanned!(ours()=> let #lent = &mut *#root;), block);
    }
    let is_behind = tx.behind && tx.value_is_root();
    let lent = (is_behind || is_reference(function, root)).then(|| quote_spanned!(ours()=> let #root = &mut *#root;));
    (lent.unwrap_or_default(), block)
}

fn is_reference(function: &Function, argument: &Ident) -> bool {
    function.head.signature.inputs.iter().any(|input| match input {
        FnArg::Typed(input) => match (&*input.pat, &*input.ty) {
            (Pat::Ident(pattern), Type::Reference(_)) => pattern.ident == *argument,
            _ => false,
        },
        FnArg::Receiver(_) => false,
    })
}

/// The block with `lent` in place of the `self` of `= self;`.
fn with_self(group: &Group, lent: &Ident) -> Group {
    let mut tokens: Vec<TokenTree> = Vec::new();
    for token in group.stream() {
        match token {
            TokenTree::Group(inner) => tokens.push(with_self(&inner, lent).into()),
            token => tokens.push(token),
        }
        if let [.., TokenTree::Punct(equals), TokenTree::Ident(value), TokenTree::Punct(end)] = &mut tokens[..]
            && (equals.as_char(), end.as_char()) == ('=', ';')
            && value == "self"
        {
            *value = lent.clone();
        }
    }
    let mut replaced = Group::new(group.delimiter(), tokens.into_iter().collect());
    replaced.set_span(group.span());
    replaced
}

// Input:
//     Pin<Box<dyn Future<Output = R> + Send + 'async_trait>>
//
// Output:
//     Pin<Box<dyn Future<Output = R> + Send + '_>>
fn without_lifetime(future: TokenStream) -> TokenStream {
    let mut tokens: Vec<TokenTree> = future.into_iter().collect();
    for index in 2..tokens.len() {
        if let [TokenTree::Punct(plus), TokenTree::Punct(quote), TokenTree::Ident(lifetime)] =
            &mut tokens[index - 2..=index]
            && (plus.as_char(), quote.as_char()) == ('+', '\'')
        {
            *lifetime = Ident::new("_", lifetime.span());
        }
    }
    tokens.into_iter().collect()
}
