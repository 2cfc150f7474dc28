//! What is known of each event at compile time.

use proc_macro2::TokenStream;
use quote::quote_spanned;

use super::guards;
use super::tokens::{enumeration, event_type, event_value, is_state, library, ours};
use crate::state_machine::machine::{Event, Machine, Move};
use crate::state_machine::transition::Fence;

/// The impls of the types of all events. They stand outside of the module of the types, from which an enum inside a
/// function could not be named.
pub(super) fn event_impls(machine: &Machine) -> TokenStream {
    let mut first = 0;
    let mut tokens = TokenStream::new();
    for event in &machine.events {
        tokens.extend(event_impl(machine, event, first));
        tokens.extend(fires_by_id(machine, event));
        tokens.extend(guards::fires_on(machine, event));
        first += event.moves.len();
    }
    tokens
}

// Output:
//     impl ::idem::__private::machine::Event for order_status::Pay
//     where
//         for<'state> OrderStatus: ::idem::__private::machine::IsState<'state>,
//     {
//         type Machine = OrderStatus;
//         type Audit = ::idem::__private::machine::Unaudited;
//         type Fence = ::idem::__private::machine::Unfenced;
//         const EVENT: OrderStatusEvent = OrderStatusEvent::Pay;
//         const NAME: &'static str = "pay";
//         const MOVES: &'static [::idem::__private::machine::Move<OrderStatus>] =
//             ::idem::__private::machine::moves_of(<OrderStatus as ::idem::__private::machine::StateMachine>::MOVES, 0, 1);
//     }
fn event_impl(machine: &Machine, event: &Event, first: usize) -> TokenStream {
    let library = library(machine);
    let (name, event_type, value) = (enumeration(machine), event_type(machine, event), event_value(machine, event));
    let shown = event.shown();
    let is_state = is_state(machine);
    let (first, count) = (index(first), index(event.moves.len()));
    let audit =
        if event.audit.is_some() { quote_spanned!(ours()=> Audited) } else { quote_spanned!(ours()=> Unaudited) };
    let fence = match &event.fence {
        Some(Fence::Version(_)) => quote_spanned!(ours()=> ByVersion),
        Some(Fence::Key(_)) => quote_spanned!(ours()=> ByKey),
        None => quote_spanned!(ours()=> Unfenced),
    };
    quote_spanned! {ours()=>
        #[automatically_derived]
        impl #library::Event for #event_type
        where
            #is_state,
        {
            type Machine = #name;
            type Audit = #library::#audit;
            type Fence = #library::#fence;
            const EVENT: <#name as #library::StateMachine>::Event = #value;
            const NAME: &'static ::core::primitive::str = #shown;
            const MOVES: &'static [#library::Move<#name>] =
                #library::moves_of(<#name as #library::StateMachine>::MOVES, #first, #count);
        }
    }
}

fn index(index: usize) -> proc_macro2::Literal {
    proc_macro2::Literal::usize_unsuffixed(index)
}

// Output:
//     impl ::idem::__private::machine::FiresById for order_status::Pay where … {}
//
// Output for an event with a Rust guard and no `guard_sql` beside it: nothing. Where the entity is missing, that is the
// mistake, and not each use.
fn fires_by_id(machine: &Machine, event: &Event) -> TokenStream {
    let needs_entity = |one: &Move| one.guard.is_some() && one.guard_sql.is_none();
    if machine.entity.is_some() && event.moves.iter().any(needs_entity) {
        return TokenStream::new();
    }
    let library = library(machine);
    let (event_type, is_state) = (event_type(machine, event), is_state(machine));
    quote_spanned! {ours()=>
        #[automatically_derived]
        impl #library::FiresById for #event_type where #is_state {}
    }
}
