//! The small pieces that the rest is quoted from.

use proc_macro2::TokenStream;
use quote::quote_spanned;
use syn::Expr;

use crate::idempotent::options::Options;
use crate::idempotent::value::Argument;
pub(super) use crate::tokens::{gathered, item, located_at, ours};

/// The module that holds all that an expansion may name.
pub(super) fn private(options: &Options) -> TokenStream {
    let root = &options.root;
    quote_spanned!(ours()=> #root::__private)
}

// Input:
//     store = self.idem
//
// Output:
//     ::idem::__private::store(&self.idem)
//
// The function has the bound, so that rustc underlines the expression and, as what asks for the bound, the option's name.
pub(super) fn checked(private: &TokenStream, name: &str, argument: &Argument) -> TokenStream {
    let function = item(private, name, located_at(&argument.name));
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
