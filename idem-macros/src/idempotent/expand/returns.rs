//! What the function returns, as the engine needs it: how to store it, and how to refuse.

use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, quote_spanned};

use super::tokens::{gathered, item, located_at, ours};
use crate::idempotent::options::Options;
use crate::idempotent::returned::Returned;
use crate::idempotent::value::Argument;
use crate::idempotent::word::KeptErrors;

// Input:
//     -> Result<Receipt, PayError>
//
// Output:
//     ::idem::__private::returns(::idem::__private::value::<Receipt>(), ::idem::__private::error::<PayError>())
//
// Output of `errors = keep_if(PayError::is_final)`:
//     ::idem::__private::returns(
//         ::idem::__private::value::<Receipt>(),
//         ::idem::__private::kept_error_if::<PayError>(PayError::is_final),
//     )
//
// The bounds on both types are on these small functions and on nothing else, so that each mistake is reported once, at
// the type.
pub(super) fn returns(private: &TokenStream, options: &Options, returned: &Returned) -> TokenStream {
    match &returned.parts {
        Some((value, error)) => {
            let span = located_at(value);
            let value = of_type(private, "value", &value.to_token_stream());
            let error = failure(private, options, &error.to_token_stream());
            let function = item(private, "returns", span);
            quote_spanned!(span=> #function(#value(), #error))
        }
        None => alias(private, options, returned),
    }
}

// Input:
//     -> anyhow::Result<Receipt>
//
// Output:
//     ::idem::__private::alias::<anyhow::Result<Receipt>>(
//         ::idem::__private::value::<<anyhow::Result<Receipt> as ::idem::__private::IsResult>::Value>(),
//         ::idem::__private::error::<<anyhow::Result<Receipt> as ::idem::__private::IsResult>::Error>(),
//     )
//
// All at the name of the type: if it is no `Result`, each of these is a mistake, and rustc reports one of a place.
fn alias(private: &TokenStream, options: &Options, returned: &Returned) -> TokenStream {
    let span = ours().located_at(returned.name_span());
    let private = gathered(private.clone(), span);
    let whole = gathered(returned.whole.to_token_stream(), span);
    let value = quote_spanned!(span=> #private::value::<<#whole as #private::IsResult>::Value>());
    let error = quote_spanned!(span=> <#whole as #private::IsResult>::Error);
    let error = failure(&private, options, &error);
    quote_spanned!(span=> #private::alias::<#whole>(#value, #error))
}

// Output of `errors = keep_if(PayError::is_final)`:
//     ::idem::__private::kept_error_if::<PayError>(PayError::is_final)
//
// Output of `unknown_if = PayError::is_timeout`:
//     ::idem::__private::error::<PayError>().unknown_if(PayError::is_timeout)
fn failure(private: &TokenStream, options: &Options, error: &TokenStream) -> TokenStream {
    let kept = kept(private, &options.errors, error);
    match &options.unknown_if {
        None => kept,
        Some(Argument { name, value }) => {
            let unknown_if = Ident::new("unknown_if", located_at(name));
            quote_spanned!(ours()=> #kept.#unknown_if(#value))
        }
    }
}

fn kept(private: &TokenStream, kept: &KeptErrors, error: &TokenStream) -> TokenStream {
    match kept {
        KeptErrors::Release => {
            let function = of_type(private, "error", error);
            quote_spanned!(ours()=> #function())
        }
        KeptErrors::Keep => {
            let function = of_type(private, "kept_error", error);
            quote_spanned!(ours()=> #function())
        }
        KeptErrors::KeepIf(Argument { name, value }) => {
            let span = located_at(name);
            let function = item(private, "kept_error_if", span);
            quote_spanned!(span=> #function::<#error>(#value))
        }
    }
}

// Output:
//     ::idem::__private::value::<Receipt>
//
// The function is located at the type, where rustc reports lifetimes that it must not have.
fn of_type(private: &TokenStream, name: &str, declared: &TokenStream) -> TokenStream {
    let function = item(private, name, located_at(declared));
    let end = declared.clone().into_iter().last().map_or_else(ours, |last| ours().located_at(last.span()));
    let close = quote_spanned!(end=> >);
    let span = located_at(declared);
    quote_spanned!(span=> #function::<#declared #close)
}
