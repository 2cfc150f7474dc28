//! Quotes a valid use. Nothing here can fail.
//!
//! Our own tokens have the span of the attribute, and local names of ours cannot meet the user's. Where rustc would
//! report a mistake of type at a token of ours, that token is located at what the user typed.

mod operation;
mod rebound;
mod returns;
mod tokens;

use proc_macro2::{Group, Ident, TokenStream};
use quote::{ToTokens, quote_spanned};
use syn::ext::IdentExt;

use super::function::{Function, Head};
use super::options::Options;
use super::parse::Input;
use tokens::{checked, ours, private};

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
    let call = call(input);
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

// Output:
//     let site = {
//         static SITE: ::idem::__private::Site = NAMED;
//         &SITE
//     };
//     let store = ::idem::__private::store(&self.idem);
//     let operation = OPERATION;
//     let returns = RETURNS;
//     ::idem::__private::call(store, operation, returns, async move |_: ::idem::__private::Execution| BODY).await
//
// Statements, and not arguments, because a temporary of the user's expressions must not live while the body runs.
fn call(Input { options, function }: &Input) -> TokenStream {
    let private = private(options);
    let site = site(&private, options, &function.head);
    let store = checked(&private, "store", &options.store);
    let operation = operation::operation(&private, options);
    let returns = returns::returns(&private, options, &function.returned);
    let execution = options.context.as_ref().map_or_else(|| quote_spanned!(ours()=> _), ToTokens::to_token_stream);
    let body = body(options, function);
    quote_spanned! {ours()=>
        let site = {
            static SITE: #private::Site = #site;
            &SITE
        };
        let store = #store;
        let operation = #operation;
        let returns = #returns;
        #private::call(store, operation, returns, async move |#execution: #private::Execution| #body).await
    }
}

// Output:
//     ::idem::__private::Site::new(::core::concat!(::core::module_path!(), "::charge"))
//
// Output of `scope = "payments.charge"`:
//     ::idem::__private::Site::named("payments.charge")
fn site(private: &TokenStream, options: &Options, head: &Head) -> TokenStream {
    if let Some(scope) = &options.scope {
        return quote_spanned!(ours()=> #private::Site::named(#scope));
    }
    let name = format!("::{}", head.signature.ident.unraw());
    quote_spanned!(ours()=> #private::Site::new(::core::concat!(::core::module_path!(), #name)))
}

// Output:
//     {
//         if let ::core::option::Option::Some(idem_returned) = ::core::option::Option::None::<Result<Receipt, PayError>> {
//             return idem_returned;
//         }
//         BODY
//     }
//
// Output, where `#[async_trait]` came first:
//     {
//         let future: Pin<Box<dyn Future<Output = Result<Receipt, PayError>> + …>> = { BODY };
//         future.await
//     }
//
// The first `return` settles the type of an async closure, so that `?` and coercions in the body work as in a function.
// rustc shows it as the reason for the type, so it is located at the type and has the user's span; hence the name, which
// no body has.
fn body(options: &Options, Function { returned, body, .. }: &Function) -> Group {
    let block = &body.block;
    let statements = if let Some(future) = &returned.future {
        let block = rebound::used(block, options);
        quote_spanned! {ours()=>
            let future: #future = #block;
            future.await
        }
    } else {
        let whole = &returned.whole;
        let value = Ident::new("idem_returned", returned.name_span());
        let statements = block.stream();
        quote_spanned! {ours()=>
            if let ::core::option::Option::Some(#value) = ::core::option::Option::None::<#whole> {
                return #value;
            }
            #statements
        }
    };
    let mut group = Group::new(block.delimiter(), statements);
    group.set_span(block.span());
    group
}
