//! A call in the caller's transaction: the claim, the body and the outcome borrow the transaction one after another.

use proc_macro2::{Group, Ident, TokenStream};
use quote::quote_spanned;

use super::tokens::{item, located_at, ours, reference};
use super::{boxed, braced, captured, settled_type};
use crate::idempotent::function::Function;
use crate::idempotent::options::Options;
use crate::idempotent::place::Place;

// Output:
//     let transaction = ::idem::__private::transaction(&mut *tx);
//     let joining = ::idem::__private::joining(transaction, &self.idem);
//
// The type of the transaction in one statement and the store in another, so that they may borrow from the same value.
// The function has the bound: rustc underlines the store and, as what asks for the bound, the transaction.
pub(super) fn store(private: &TokenStream, options: &Options, tx: &Place, function: &Function) -> TokenStream {
    let rebinding = boxed::rebinding(tx, function);
    let joining = item(private, "joining", located_at(&tx.value));
    let store = reference(&options.store.value);
    let tx = borrowed(tx);
    quote_spanned! {ours()=>
        #rebinding
        let transaction = #private::transaction(#tx);
        let joining = #joining(transaction, #store);
    }
}

// Output:
//     let begun = ::idem::__private::begin(joining.join(&mut *tx), operation, returns).await;
//     let call = match begun {
//         ::core::ops::ControlFlow::Continue(call) => call,
//         ::core::ops::ControlFlow::Break(answer) => return answer,
//     };
//     let body = async BODY;
//     let returned = call.run(::core::pin::pin!(body)).await;
//     call.settle(joining.join(&mut *tx), returned).await
//
// Pinned here, because a future that is passed by value is there twice.
pub(super) fn around_body(private: &TokenStream, options: &Options, tx: &Place, function: &Function) -> TokenStream {
    let body = body(options, tx, function);
    // In an async block of ours, rustc does not name the variables that it reports.
    let body_span = body.span();
    let body = quote_spanned!(body_span=> async #body);
    let tx = borrowed(tx);
    quote_spanned! {ours()=>
        let begun = #private::begin(joining.join(#tx), operation, returns).await;
        let call = match begun {
            ::core::ops::ControlFlow::Continue(call) => call,
            ::core::ops::ControlFlow::Break(answer) => return answer,
        };
        let body = #body;
        let returned = call.run(::core::pin::pin!(body)).await;
        call.settle(joining.join(#tx), returned).await
    }
}

// Output of `tx = tx`:
//     &mut *tx
//
// Output of `tx = &mut tx`:
//     &mut tx
fn borrowed(Place { value, behind, .. }: &Place) -> TokenStream {
    let span = located_at(value);
    if *behind { quote_spanned!(span=> &mut *#value) } else { quote_spanned!(span=> &mut #value) }
}

// Output:
//     {
//         let execution = call.execution();
//         if let ::core::option::Option::Some(idem_returned) = ::core::option::Option::None::<Result<Receipt, PayError>> {
//             ::idem::__private::captured((order, names));
//             return idem_returned;
//         }
//         BODY
//     }
//
// Not `async move`, since the transaction is needed after the body. All other arguments that the body names are moved into
// it all the same, or the future would not be `Send` where one of them can be sent but not shared.
fn body(options: &Options, tx: &Place, function: &Function) -> Group {
    let execution = options.context.as_ref().map(|name| quote_spanned!(ours()=> let #name = call.execution();));
    let statements = if let Some(future) = &function.returned.future {
        boxed::statements(options, tx, function, future)
    } else {
        let captured: Vec<Ident> = captured::captured(tx, function);
        let root = &options.root;
        let capture =
            (!captured.is_empty()).then(|| quote_spanned!(ours()=> #root::__private::captured((#(#captured,)*));));
        let settled_type = settled_type(&function.returned, &capture.unwrap_or_default());
        let statements = function.body.block.stream();
        quote_spanned!(ours()=> #settled_type #statements)
    };
    braced(&function.body, quote_spanned!(ours()=> #execution #statements))
}
