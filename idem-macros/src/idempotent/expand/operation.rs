//! The description of the call: its key and its options.

use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, quote_spanned};
use syn::Expr;

use super::tokens::{checked, located_at, ours, reference};
use crate::idempotent::options::{Identity, Options};
use crate::idempotent::value::{Argument, Time};
use crate::idempotent::word::{Abandoned, Dropped, InFlight, Limit};

// Input:
//     key = order.id, lease = "30s", max_attempts = 5
//
// Output:
//     ::idem::__private::operation(scope, &::idem::__private::key(&order.id))
//         .lease(::core::time::Duration::from_millis(30000u64))
//         .max_attempts(5u32)
//
// Output of `token = form.token.of(user.id)`:
//     ::idem::__private::operation_with_token(scope, ::idem::__private::token(&form.token.of(user.id)))
pub(super) fn operation(private: &TokenStream, options: &Options) -> TokenStream {
    let Options {
        fingerprint, lease, retain, in_flight, abandoned, dropped, max_attempts, version, outcome_limit, ..
    } = options;
    let operation = match &options.identity {
        Identity::Key(argument) => {
            let key = key(private, argument);
            quote_spanned!(ours()=> #private::operation(scope, &#key))
        }
        Identity::Token(argument) => {
            let token = checked(private, "token", argument);
            quote_spanned!(ours()=> #private::operation_with_token(scope, #token))
        }
    };
    let settings = [
        fingerprint.as_ref().map(payload),
        lease.as_ref().map(|lease| time_setting("lease", lease)),
        retain.as_ref().map(|retention| time_setting("retain", retention)),
        in_flight.as_ref().map(|choice| setting("in_flight", &in_flight_value(private, choice))),
        abandoned.as_ref().map(|choice| setting("abandoned", &abandoned_value(private, choice))),
        dropped.and_then(|choice| dropped_value(private, choice)).map(|value| setting("dropped", &value)),
        max_attempts.as_ref().map(|attempts| setting("max_attempts", attempts)),
        version.as_ref().map(|version| setting("version", version)),
        outcome_limit.as_ref().map(|limit| limit_setting(private, limit)),
    ];
    let settings = settings.into_iter().flatten();
    quote_spanned!(ours()=> #operation #(#settings)*)
}

// Input:
//     key = (order.merchant, (order.id, 1))
//
// Output:
//     (
//         ::idem::__private::key(&order.merchant),
//         (::idem::__private::key(&order.id), ::idem::__private::key(&1)),
//     )
//
// A tuple is taken apart, so that its parts may stand behind a reference and each is checked for itself.
fn key(private: &TokenStream, argument: &Argument) -> TokenStream {
    match &argument.value {
        Expr::Tuple(tuple) if !tuple.elems.is_empty() => {
            let parts = tuple.elems.iter().map(|part| key(private, &Argument::new(&argument.name, part)));
            quote_spanned!(ours()=> (#(#parts,)*))
        }
        _ => checked(private, "key", argument),
    }
}

// Input:
//     fingerprint = (order.amount, order.currency)
//
// Output:
//     .fingerprint(&(&order.amount, &order.currency,))
fn payload(Argument { name, value }: &Argument) -> TokenStream {
    let fingerprint = Ident::new("fingerprint", located_at(name));
    let payload = by_reference(value);
    quote_spanned!(ours()=> .#fingerprint(#payload))
}

fn by_reference(value: &Expr) -> TokenStream {
    match value {
        Expr::Tuple(tuple) if !tuple.elems.is_empty() => {
            let parts = tuple.elems.iter().map(by_reference);
            let span = located_at(value);
            quote_spanned!(span=> &(#(#parts,)*))
        }
        value => reference(value),
    }
}

// Output of `lease = "30s"`:
//     .lease(::core::time::Duration::from_millis(30000u64))
fn setting(name: &str, value: &impl ToTokens) -> TokenStream {
    let name = Ident::new(name, ours());
    quote_spanned!(ours()=> .#name(#value))
}

/// As [`setting`]; rustc reports an expression that is no `Duration` at the name of the option.
fn time_setting(name: &str, value: &Time) -> TokenStream {
    let span = match value {
        Time::Milliseconds(_) => ours(),
        Time::Expression(argument) => located_at(&argument.name),
    };
    let name = Ident::new(name, span);
    let value = time(value);
    quote_spanned!(ours()=> .#name(#value))
}

fn time(time: &Time) -> TokenStream {
    match time {
        Time::Milliseconds(milliseconds) => {
            quote_spanned!(ours()=> ::core::time::Duration::from_millis(#milliseconds))
        }
        Time::Expression(argument) => argument.value.to_token_stream(),
    }
}

// Output of `outcome_limit = marker(64 << 10)`:
//     .outcome_limit(::idem::__private::OutcomeLimit::marker(64 << 10))
//
// rustc reports an expression of another type at the name of the option, or at the word.
fn limit_setting(private: &TokenStream, limit: &Limit) -> TokenStream {
    let (Limit::Marker(argument) | Limit::Error(argument) | Limit::Expression(argument)) = limit;
    let (value, span) = (&argument.value, located_at(&argument.name));
    let function = match limit {
        Limit::Marker(_) => "marker",
        Limit::Error(_) => "error",
        Limit::Expression(_) => {
            let setting = Ident::new("outcome_limit", span);
            return quote_spanned!(ours()=> .#setting(#value));
        }
    };
    let function = Ident::new(function, span);
    quote_spanned!(ours()=> .outcome_limit(#private::OutcomeLimit::#function(#value)))
}

fn in_flight_value(private: &TokenStream, in_flight: &InFlight) -> TokenStream {
    match in_flight {
        InFlight::Reject => quote_spanned!(ours()=> #private::InFlight::Reject),
        InFlight::Wait(limit) => {
            let limit = time(limit);
            quote_spanned!(ours()=> #private::InFlight::Wait(#limit))
        }
    }
}

fn abandoned_value(private: &TokenStream, abandoned: &Abandoned) -> TokenStream {
    match abandoned {
        Abandoned::Rerun => quote_spanned!(ours()=> #private::Abandoned::Rerun),
        Abandoned::Refuse => quote_spanned!(ours()=> #private::Abandoned::Refuse),
    }
}

/// What the engine is told. A body that goes on by itself is not dropped.
fn dropped_value(private: &TokenStream, dropped: Dropped) -> Option<TokenStream> {
    match dropped {
        Dropped::Release => Some(quote_spanned!(ours()=> #private::Dropped::Release)),
        Dropped::Lapse => Some(quote_spanned!(ours()=> #private::Dropped::Lapse)),
        Dropped::Finish => None,
    }
}
