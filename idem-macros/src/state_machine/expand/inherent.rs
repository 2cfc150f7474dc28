//! What the enum itself can be asked, most of it in constants.

use proc_macro2::TokenStream;
use quote::quote_spanned;

use super::tokens::{enumeration, event_enum, event_value, is_one_of, ours, self_type, state, states};
use super::{codes, moves};
use crate::state_machine::diagram;
use crate::state_machine::machine::{Event, Machine};

// Output:
//     impl OrderStatus {
//         pub const INITIAL: Self = Self::Unpaid;
//         …
//         pub const fn code(self) -> &'static ::core::primitive::str { … }
//         …
//     }
pub(super) fn inherent(machine: &Machine) -> TokenStream {
    let name = enumeration(machine);
    let constants = constants(machine);
    let codes = codes::functions(machine);
    let questions = questions(machine);
    let apply = moves::apply(machine);
    quote_spanned! {ours()=>
        #[automatically_derived]
        #[allow(dead_code, unreachable_patterns, reason = "not every function is used by everybody")]
        impl #name {
            #constants
            #codes
            #questions
            #apply
        }
    }
}

// Output:
//     pub const INITIAL: Self = Self::Unpaid;
//     pub const ALL: &'static [Self] = &[Self::Unpaid, Self::Paid];
//     pub const MERMAID: &'static ::core::primitive::str = "stateDiagram-v2\n…";
//     pub const DOT: &'static ::core::primitive::str = "digraph \"OrderStatus\" {\n…";
fn constants(machine: &Machine) -> TokenStream {
    let visibility = &machine.visibility;
    let of = self_type();
    let initial = state(&of, machine, machine.initial);
    let all = states(&of, machine, 0..machine.states.len());
    let (mermaid, dot) = (diagram::mermaid(machine), diagram::dot(machine));
    quote_spanned! {ours()=>
        /// The state in which a new row is.
        #visibility const INITIAL: Self = #initial;
        /// All states, as they are declared.
        #visibility const ALL: &'static [Self] = &[#(#all),*];
        /// The machine as a Mermaid state diagram.
        #visibility const MERMAID: &'static ::core::primitive::str = #mermaid;
        /// The machine in the language of Graphviz.
        #visibility const DOT: &'static ::core::primitive::str = #dot;
    }
}

// Output:
//     pub const fn is_final(self) -> bool { ::core::matches!(self, Self::Paid) }
//     pub const fn can(self, event: OrderStatusEvent) -> bool {
//         match event { OrderStatusEvent::Pay => ::core::matches!(self, Self::Unpaid) }
//     }
//     pub const fn can_transition_to(self, state: Self) -> bool {
//         match self {
//             Self::Unpaid => ::core::matches!(state, Self::Paid),
//             Self::Paid => false,
//         }
//     }
//     NEXT_STATES EVENTS HAS_PASSED
fn questions(machine: &Machine) -> TokenStream {
    let visibility = &machine.visibility;
    let of = self_type();
    let events = event_enum(machine);
    let this = quote_spanned!(ours()=> self);
    let finals = (0..machine.states.len()).filter(|state| machine.states[*state].is_final);
    let is_final = is_one_of(&this, &states(&of, machine, finals));
    let can = match_event(machine, |event| is_one_of(&this, &states(&of, machine, event.sources())));
    let can_transition_to = moves::for_each_state(machine, |state| {
        let next = states(&of, machine, machine.next_states(state));
        is_one_of(&quote_spanned!(ours()=> state), &next)
    });
    let lists = moves::lists(machine);
    let has_passed = moves::has_passed(machine);
    quote_spanned! {ours()=>
        /// Whether nothing leaves this state.
        #[must_use]
        #visibility const fn is_final(self) -> ::core::primitive::bool {
            #is_final
        }
        /// Whether the event may fire here. Its guards are not asked.
        #[must_use]
        #visibility const fn can(self, event: #events) -> ::core::primitive::bool {
            #can
        }
        /// Whether one transition leads from here to `state`.
        #[must_use]
        #visibility const fn can_transition_to(self, state: Self) -> ::core::primitive::bool {
            #can_transition_to
        }
        #lists
        #has_passed
    }
}

// Output:
//     match event { OrderStatusEvent::Pay => VALUE }
fn match_event(machine: &Machine, value: impl Fn(&Event) -> TokenStream) -> TokenStream {
    let patterns = machine.events.iter().map(|event| event_value(machine, event));
    let values = machine.events.iter().map(value);
    quote_spanned!(ours()=> match event { #(#patterns => #values,)* })
}
