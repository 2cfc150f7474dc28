//! Quotes a valid use. Nothing here can fail.
//!
//! Our own tokens have the span of the attribute, and local names of ours cannot meet the user's. Where rustc would
//! report a mistake of type at a token of ours, that token is located at what the user typed.

mod leased;
mod joined;
mod captured;
mod boxed;
mod scope;
mod operation;
mod rebound;
mod returns;
mod warning;
mod tokens;

use proc_macro2::{Group, Ident, TokenStream};
use quote::quote_spanned;

use super::function::{Body, Function, Head};
use super::options::{Options, Transaction};
use super::parse::Input;
use super::returned::Returned;
use super::word::Dropped;
use tokens::{ours, private};

// Input:
//     #[idempotent(store = self.idem, key = order.id)]
//     async fn charge(&self, order: &Order) -> Result<Receipt, PayError> { BODY }
//
// Output:
//     async fn charge(&self, order: &Order) -> Result<Receipt, PayError> { CALL }
//
// Output, where `#[async_trait]` came first:
//     fn charge<…>(&'life0 self, order: &'life1 Order) -> Pin<Box<dyn Future<Output = Result<Receipt, PayError>> + …>> {
//         ::std::boxed::Box::pin(async move { CALL })
//     }
pub(crate) fn expand(input: &Input) -> TokenStream {
    let Function { head, returned, body } = &input.function;
    let Head { attributes, visibility, defaultness, signature } = head;
    let inner_attributes = &body.attributes;
    let call = finished(&input.options, returned, call(input));
    let call = if returned.future.is_some() {
        quote_spanned!(ours()=> ::std::boxed::Box::pin(async move { #call }))
    } else {
        call
    };
    quote_spanned! {ours()=>
        #(#attributes)*
        #visibility #defaultness #signature {
            #(#inner_attributes)*
            #call
        }
    }
}

// Output of `dropped = finish`:
//     ::idem::__private::body_to_the_end(async move {
//         SETTLED TYPE
//         CALL
//     })
//     .await
fn finished(options: &Options, returned: &Returned, call: TokenStream) -> TokenStream {
    if options.dropped != Some(Dropped::Finish) {
        return call;
    }
    let private = private(options);
    let settled_type = settled_type(returned, &TokenStream::new());
    quote_spanned! {ours()=>
        #private::body_to_the_end(async move {
            #settled_type
            #call
        })
        .await
    }
}

// Output:
//     WARNING
//     SCOPE
//     STORE
//     let operation = OPERATION;
//     let returns = RETURNS;
//     AROUND BODY
//
// Statements, and not arguments, because a temporary of the user's expressions must not live while the body runs.
fn call(Input { options, function }: &Input) -> TokenStream {
    let private = private(options);
    let warning = warning::warning(options, &function.head);
    let scope = scope::statements(&private, options, &function.head);
    let operation = operation::operation(&private, options);
    let returns = returns::returns(&private, options, &function.returned);
    let (store, around_body) = match &options.tx {
        Transaction::NotSaid | Transaction::None => {
            (leased::store(&private, options), leased::around_body(&private, options, function))
        }
        Transaction::In(tx) => {
            (joined::store(&private, options, tx, function), joined::around_body(&private, options, tx, function))
        }
    };
    quote_spanned! {ours()=>
        #warning
        #scope
        #store
        let operation = #operation;
        let returns = #returns;
        #around_body
    }
}

// Output:
//     if let ::core::option::Option::Some(idem_returned) = ::core::option::Option::None::<Result<Receipt, PayError>> {
//         return idem_returned;
//     }
//
// The first `return` settles the type of an async block or closure, so that `?` and coercions in the body work as in a
// function. rustc shows it as the reason for the type, so it is located at the type and has the user's span; hence the
// name, which no body has.
fn settled_type(returned: &Returned, before_return: &TokenStream) -> TokenStream {
    let whole = &returned.whole;
    let value = Ident::new("idem_returned", returned.name_span());
    quote_spanned! {ours()=>
        if let ::core::option::Option::Some(#value) = ::core::option::Option::None::<#whole> {
            #before_return
            return #value;
        }
    }
}

/// A block with the braces of the body, where rustc reports what is wrong with its last expression.
fn braced(body: &Body, statements: TokenStream) -> Group {
    let mut group = Group::new(body.block.delimiter(), statements);
    group.set_span(body.block.span());
    group
}
