//! A call under a lease: one call into the engine, which gets the body as a closure.

use proc_macro2::{Group, TokenStream};
use quote::{ToTokens, quote_spanned};

use super::tokens::{checked, ours};
use super::{braced, rebound, settled_type};
use crate::idempotent::function::Function;
use crate::idempotent::options::Options;

// Output:
//     let store = ::idem::__private::store(&self.idem);
pub(super) fn store(private: &TokenStream, options: &Options) -> TokenStream {
    let store = checked(private, "store", &options.store);
    quote_spanned!(ours()=> let store = #store;)
}

// Output:
//     ::idem::__private::call(store, operation, returns, async move |_: ::idem::__private::Execution| BODY).await
pub(super) fn around_body(private: &TokenStream, options: &Options, function: &Function) -> TokenStream {
    let execution = options.context.as_ref().map_or_else(|| quote_spanned!(ours()=> _), ToTokens::to_token_stream);
    let body = body(options, function);
    quote_spanned! {ours()=>
        #private::call(store, operation, returns, async move |#execution: #private::Execution| #body).await
    }
}

// Output:
//     {
//         SETTLED TYPE
//         BODY
//     }
//
// Output, where `#[async_trait]` came first:
//     {
//         let future: Pin<Box<dyn Future<Output = Result<Receipt, PayError>> + …>> = { BODY };
//         future.await
//     }
fn body(options: &Options, Function { returned, body, .. }: &Function) -> Group {
    let statements = if let Some(future) = &returned.future {
        let block = rebound::used(&body.block, options);
        quote_spanned! {ours()=>
            let future: #future = #block;
            future.await
        }
    } else {
        let settled_type = settled_type(returned, &TokenStream::new());
        let statements = body.block.stream();
        quote_spanned!(ours()=> #settled_type #statements)
    };
    braced(body, statements)
}
