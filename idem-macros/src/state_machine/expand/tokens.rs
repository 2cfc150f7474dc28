//! The small pieces that the rest is quoted from.

use proc_macro2::{Ident, Literal, TokenStream};
use quote::{quote, quote_spanned};

use crate::state_machine::machine::{Code, Event, Machine};
pub(super) use crate::tokens::ours;

/// The same identifier as a token of ours, which is where the user wrote it. Lints about the user's code do not look at it.
pub(super) fn located(ident: &Ident) -> Ident {
    let mut located = ident.clone();
    located.set_span(ours().located_at(ident.span()));
    located
}

/// The module that holds all that an expansion may name.
pub(super) fn private(machine: &Machine) -> TokenStream {
    let root = &machine.root;
    quote_spanned!(ours()=> #root::__private)
}

/// `::idem::__private::machine`
pub(super) fn library(machine: &Machine) -> TokenStream {
    let private = private(machine);
    quote_spanned!(ours()=> #private::machine)
}

/// `OrderStatus`
pub(super) fn enumeration(machine: &Machine) -> Ident {
    located(&machine.name)
}

/// `OrderStatusEvent`
pub(super) fn event_enum(machine: &Machine) -> Ident {
    located(&machine.event_enum())
}

/// `order_status::Pay`
pub(super) fn event_type(machine: &Machine, event: &Event) -> TokenStream {
    let (module, name) = (located(&machine.module()), located(&event.type_name));
    quote_spanned!(ours()=> #module::#name)
}

/// `OrderStatusEvent::Pay`
pub(super) fn event_value(machine: &Machine, event: &Event) -> TokenStream {
    let (events, name) = (event_enum(machine), located(&event.type_name));
    quote_spanned!(ours()=> #events::#name)
}

/// `Self::Unpaid`, or with the name of the enum in the place of `Self`.
pub(super) fn state(of: &Ident, machine: &Machine, state: usize) -> TokenStream {
    let name = located(&machine.states[state].name);
    quote_spanned!(ours()=> #of::#name)
}

/// The same for each of several.
pub(super) fn states(of: &Ident, machine: &Machine, list: impl IntoIterator<Item = usize>) -> Vec<TokenStream> {
    list.into_iter().map(|index| state(of, machine, index)).collect()
}

/// `Self`
pub(super) fn self_type() -> Ident {
    Ident::new("Self", ours())
}

/// Whether `value` is one of `patterns`: `matches!` of nothing would not parse.
pub(super) fn is_one_of(value: &TokenStream, patterns: &[TokenStream]) -> TokenStream {
    if patterns.is_empty() {
        return quote_spanned!(ours()=> false);
    }
    quote_spanned!(ours()=> ::core::matches!(#value, #(#patterns)|*))
}

/// The code as the literal that `code()` returns, whose type the function says.
pub(super) fn literal(code: &Code) -> Literal {
    match code {
        Code::Text(text) => Literal::string(text),
        Code::Number(number) => Literal::i64_unsuffixed(*number),
    }
}

/// `machine::Code::Text("paid")`
pub(super) fn code(library: &TokenStream, code: &Code) -> TokenStream {
    let literal = literal(code);
    let kind = match code {
        Code::Text(_) => quote!(Text),
        Code::Number(_) => quote!(Number),
    };
    quote_spanned!(ours()=> #library::Code::#kind(#literal))
}

/// `Some(value)` or `None`.
pub(super) fn option(value: Option<TokenStream>) -> TokenStream {
    value.map_or_else(
        || quote_spanned!(ours()=> ::core::option::Option::None),
        |value| quote_spanned!(ours()=> ::core::option::Option::Some(#value)),
    )
}

// Output:
//     for<'state> OrderStatus: ::idem::__private::machine::IsState<'state>
//
// Every impl that needs it assumes it, and one place checks it. See `IsState` for why.
pub(super) fn is_state(machine: &Machine) -> TokenStream {
    let (library, name) = (library(machine), enumeration(machine));
    quote_spanned!(ours()=> for<'state> #name: #library::IsState<'state>)
}
