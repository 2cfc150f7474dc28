//! Quotes a machine, also one with mistakes, as far as it is understood. Nothing here can fail.
//!
//! Our own tokens have the span of the derive, and local names of ours cannot meet the user's. The names that we make are
//! located at the user's, from which they are made.

mod inherent;
mod codes;
mod moves;
mod trait_impl;
mod events;
mod event_impls;
mod guards;
mod types;
mod typed;
mod warnings;
mod tokens;

use proc_macro2::TokenStream;
use quote::quote_spanned;

use super::machine::Machine;
use tokens::{enumeration, ours, private};

// Input:
//     #[derive(StateMachine, Debug, Clone, Copy, PartialEq, Eq)]
//     #[state_machine(initial = Unpaid)]
//     #[transition(pay: Unpaid => Paid)]
//     pub enum OrderStatus { Unpaid, #[state(final)] Paid }
//
// Output:
//     impl OrderStatus { CONSTANTS FUNCTIONS }
//     impl ::idem::__private::machine::StateMachine for OrderStatus { … }
//     pub enum OrderStatusEvent { Pay }
//     IMPLS of the event enum
//     pub mod order_status { TYPES of events and states }
//     IMPLS of the types of events
//     ::idem::__private::state_column! { OrderStatus }
//     WARNINGS
pub(crate) fn expand(machine: &Machine) -> TokenStream {
    let private = private(machine);
    let name = enumeration(machine);
    let mut tokens = inherent::inherent(machine);
    tokens.extend(trait_impl::trait_impl(machine));
    tokens.extend(events::event_enum(machine));
    tokens.extend(types::module(machine));
    tokens.extend(event_impls::event_impls(machine));
    if machine.is_column {
        tokens.extend(quote_spanned!(ours()=> #private::state_column! { #name }));
    }
    tokens.extend(warnings::warnings(machine));
    tokens
}
