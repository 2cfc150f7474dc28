//! Where a state leads to, and what it has passed.

use proc_macro2::TokenStream;
use quote::quote_spanned;

use super::tokens::{event_enum, event_value, is_one_of, library, ours, self_type, state, states};
use crate::state_machine::machine::{Event, Machine, Target};

// Output:
//     match self { Self::Unpaid => VALUE, Self::Paid => VALUE }
//
// Output where variants were left out, with any value: `_ => VALUE` as well.
pub(super) fn for_each_state(machine: &Machine, value: impl Fn(usize) -> TokenStream) -> TokenStream {
    let of = self_type();
    let arms = (0..machine.states.len()).map(|index| {
        let (pattern, value) = (state(&of, machine, index), value(index));
        quote_spanned!(ours()=> #pattern => #value,)
    });
    let gaps = machine.has_gaps.then(|| {
        let value = value(0);
        quote_spanned!(ours()=> _ => #value,)
    });
    quote_spanned!(ours()=> match self { #(#arms)* #gaps })
}

// Output:
//     pub const fn next_states(self) -> &'static [Self] {
//         match self { Self::Unpaid => &[Self::Paid], Self::Paid => &[] }
//     }
//     pub const fn events(self) -> &'static [OrderStatusEvent] {
//         match self { Self::Unpaid => &[OrderStatusEvent::Pay], Self::Paid => &[] }
//     }
pub(super) fn lists(machine: &Machine) -> TokenStream {
    let visibility = &machine.visibility;
    let events_name = event_enum(machine);
    let next_states = for_each_state(machine, |state| {
        let next = states(&self_type(), machine, machine.next_states(state));
        quote_spanned!(ours()=> &[#(#next),*])
    });
    let events = for_each_state(machine, |state| {
        let events = machine.events_in(state).map(|event| event_value(machine, event));
        quote_spanned!(ours()=> &[#(#events),*])
    });
    quote_spanned! {ours()=>
        /// The states that one transition leads to.
        #[must_use]
        #visibility const fn next_states(self) -> &'static [Self] {
            #next_states
        }
        /// The events that may fire here. Their guards are not asked.
        #[must_use]
        #visibility const fn events(self) -> &'static [#events_name] {
            #events
        }
    }
}

// Output:
//     pub const fn has_passed(self, state: Self) -> bool {
//         match self {
//             Self::Unpaid => ::core::matches!(state, Self::Unpaid),
//             Self::Paid => ::core::matches!(state, Self::Unpaid | Self::Paid),
//         }
//     }
pub(super) fn has_passed(machine: &Machine) -> TokenStream {
    let visibility = &machine.visibility;
    let dominators = machine.graph().dominators(&machine.roots());
    let passed = for_each_state(machine, |index| {
        let passed = states(&self_type(), machine, dominators[index].iter().copied());
        is_one_of(&quote_spanned!(ours()=> state), &passed)
    });
    quote_spanned! {ours()=>
        /// Whether a row in this state must have been in `state`: every way here leads through it, from the initial state
        /// and from those that may be unreachable. A state has passed itself.
        #[must_use]
        #visibility const fn has_passed(self, state: Self) -> ::core::primitive::bool {
            #passed
        }
    }
}

// Output:
//     pub const fn apply(self, event: OrderStatusEvent)
//         -> ::core::result::Result<Self, ::idem::__private::machine::IllegalTransition<Self>>
//     {
//         match (self, event) {
//             (Self::Unpaid, OrderStatusEvent::Pay) => ::core::result::Result::Ok(Self::Paid),
//             (state, event) => ::core::result::Result::Err(::idem::__private::machine::IllegalTransition::new(state, event as usize)),
//         }
//     }
pub(super) fn apply(machine: &Machine) -> TokenStream {
    let visibility = &machine.visibility;
    let library = library(machine);
    let events = event_enum(machine);
    let arms = machine.events.iter().flat_map(|event| {
        let sources = event.sources();
        sources.into_iter().map(|from| arm(machine, event, from)).collect::<Vec<_>>()
    });
    quote_spanned! {ours()=>
        /// The state that the event leads to from here, by the graph alone.
        ///
        /// # Errors
        ///
        /// The event cannot fire here, or its guards choose between several targets. The error lists what can fire.
        #visibility const fn apply(self, event: #events) -> ::core::result::Result<Self, #library::IllegalTransition<Self>> {
            match (self, event) {
                #(#arms)*
                (state, event) => ::core::result::Result::Err(#library::IllegalTransition::new(state, event as ::core::primitive::usize)),
            }
        }
    }
}

fn arm(machine: &Machine, event: &Event, from: usize) -> TokenStream {
    let library = library(machine);
    let value = event_value(machine, event);
    let of = self_type();
    let source = state(&of, machine, from);
    match event.target(from) {
        Target::One(target) => {
            let target = state(&of, machine, target);
            quote_spanned!(ours()=> (#source, #value) => ::core::result::Result::Ok(#target),)
        }
        Target::Guarded => quote_spanned! {ours()=>
            (state @ #source, event @ #value) => {
                ::core::result::Result::Err(#library::IllegalTransition::guarded(state, event as ::core::primitive::usize))
            }
        },
        Target::None => TokenStream::new(),
    }
}
