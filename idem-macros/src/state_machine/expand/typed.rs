//! States as types, for code that knows at compile time where it is: an illegal move does not compile, and the message
//! lists what would.

use proc_macro2::TokenStream;
use quote::quote_spanned;
use syn::ext::IdentExt;

use super::tokens::{located, ours};
use super::types::inside;
use crate::state_machine::machine::{Event, Machine, Target};
use crate::text::quoted;

// Output:
//     /// The states of `OrderStatus` as types.
//     pub mod state { TYPE of each state }
//     /// Per state, what may follow it.
//     pub mod after { TRAIT of each state }
//     /// Per state, what fires in it.
//     pub mod fires_in { TRAIT of each state }
pub(super) fn states(machine: &Machine) -> TokenStream {
    let visibility = inside(&machine.visibility, 1);
    let doc = format!("The states of `{}` as types.", machine.name.unraw());
    let all = 0..machine.states.len();
    let types = all.clone().map(|state| state_type(machine, state));
    let after = all.clone().map(|state| after(machine, state));
    let fires_in = all.map(|state| fires_in(machine, state));
    quote_spanned! {ours()=>
        #[doc = #doc]
        #visibility mod state {
            #(#types)*
        }
        /// Per state, the states that may follow it.
        #visibility mod after {
            #(#after)*
        }
        /// Per state, the events that fire in it.
        #visibility mod fires_in {
            #(#fires_in)*
        }
    }
}

// Output:
//     /// The state `Unpaid`.
//     #[derive(Debug, Clone, Copy)]
//     pub struct Unpaid;
//     impl Unpaid {
//         pub const fn to<S: super::after::Unpaid>(self, state: S) -> S { state }
//         pub const fn on<E: super::fires_in::Unpaid>(self, _: E) -> E::Next { E::NEXT }
//     }
fn state_type(machine: &Machine, state: usize) -> TokenStream {
    let visibility = inside(&machine.visibility, 2);
    let name = located(&machine.states[state].name);
    let doc = format!("The state `{}`.", machine.shown(state));
    quote_spanned! {ours()=>
        #[doc = #doc]
        #[derive(::core::fmt::Debug, ::core::clone::Clone, ::core::marker::Copy)]
        #visibility struct #name;
        #[automatically_derived]
        impl #name {
            /// Goes to `state`, if a transition leads there.
            #[must_use]
            #visibility const fn to<S: super::after::#name>(self, state: S) -> S {
                state
            }
            /// Goes where the event leads to, which is `()` where its guards choose.
            #[must_use]
            #visibility const fn on<E: super::fires_in::#name>(self, _: E) -> E::Next {
                E::NEXT
            }
        }
    }
}

// Output:
//     /// What may follow `Unpaid`.
//     #[diagnostic::on_unimplemented(
//         message = "`OrderStatus` cannot go from `Unpaid` to `{Self}`",
//         label = "not a legal next state of `Unpaid`",
//         note = "legal next states of `Unpaid`: `Paid`",
//         note = "shortest legal path: `Unpaid` -> `Paid` -> `Shipped`",
//     )]
//     pub trait Unpaid: ::core::marker::Copy {}
//     impl Unpaid for super::state::Paid {}
//
// The text cannot depend on the type, so it lists the paths to all states that are further away.
fn after(machine: &Machine, state: usize) -> TokenStream {
    let visibility = inside(&machine.visibility, 2);
    let (shown, name) = (machine.shown(state), located(&machine.states[state].name));
    let next = machine.next_states(state);
    let doc = format!("What may follow `{shown}`.");
    let message = format!("`{}` cannot go from `{shown}` to `{{Self}}`", machine.name.unraw());
    let label = format!("not a legal next state of `{shown}`");
    let mut notes =
        vec![list(&format!("legal next states of `{shown}`"), next.iter().map(|next| machine.shown(*next)))];
    notes.extend(paths(machine, state, &next));
    let impls = next.iter().map(|next| {
        let next = located(&machine.states[*next].name);
        quote_spanned!(ours()=> #[automatically_derived] impl #name for super::state::#next {})
    });
    quote_spanned! {ours()=>
        #[doc = #doc]
        #[diagnostic::on_unimplemented(message = #message, label = #label, #(note = #notes),*)]
        #visibility trait #name: ::core::marker::Copy {}
        #(#impls)*
    }
}

fn paths(machine: &Machine, state: usize, next: &[usize]) -> Vec<String> {
    let graph = machine.graph();
    let further = (0..machine.states.len()).filter(|target| *target != state && !next.contains(target));
    let path = |target| graph.shortest_path(state, target);
    further.filter_map(path).map(|path| format!("shortest legal path: {}", machine.shown_way(&path.states))).collect()
}

// Output:
//     /// What fires in `Unpaid`.
//     #[diagnostic::on_unimplemented(
//         message = "event `{Self}` cannot fire in `Unpaid`",
//         label = "does not leave `Unpaid`",
//         note = "legal in `Unpaid`: `pay`, `cancel`",
//         note = "`ship` leaves: `Paid`",
//     )]
//     pub trait Unpaid: ::core::marker::Copy {
//         type Next;
//         const NEXT: Self::Next;
//     }
//     impl Unpaid for super::Pay {
//         type Next = super::state::Paid;
//         const NEXT: Self::Next = super::state::Paid;
//     }
fn fires_in(machine: &Machine, state: usize) -> TokenStream {
    let visibility = inside(&machine.visibility, 2);
    let (shown, name) = (machine.shown(state), located(&machine.states[state].name));
    let doc = format!("What fires in `{shown}`.");
    let message = format!("event `{{Self}}` cannot fire in `{shown}`");
    let label = format!("does not leave `{shown}`");
    let mut notes = vec![list(&format!("legal in `{shown}`"), machine.events_in(state).map(Event::shown))];
    let others = machine.events.iter().filter(|event| !event.sources().contains(&state));
    notes.extend(others.map(|event| {
        list(&format!("`{}` leaves", event.shown()), event.sources().into_iter().map(|source| machine.shown(source)))
    }));
    let impls = machine.events.iter().map(|event| fires_in_impl(machine, event, state));
    quote_spanned! {ours()=>
        #[doc = #doc]
        #[diagnostic::on_unimplemented(message = #message, label = #label, #(note = #notes),*)]
        #visibility trait #name: ::core::marker::Copy {
            /// The state that it leads to, or `()` where its guards choose.
            type Next;
            /// The same as a value.
            const NEXT: Self::Next;
        }
        #(#impls)*
    }
}

fn fires_in_impl(machine: &Machine, event: &Event, state: usize) -> TokenStream {
    let next = match event.target(state) {
        Target::None => return TokenStream::new(),
        Target::One(target) => {
            let target = located(&machine.states[target].name);
            quote_spanned!(ours()=> super::state::#target)
        }
        Target::Guarded => quote_spanned!(ours()=> ()),
    };
    let (name, event) = (located(&machine.states[state].name), located(&event.type_name));
    quote_spanned! {ours()=>
        #[automatically_derived]
        impl #name for super::#event {
            type Next = #next;
            const NEXT: Self::Next = #next;
        }
    }
}

fn list(what: &str, names: impl Iterator<Item = String>) -> String {
    let names = quoted(names);
    if names.is_empty() { format!("{what}: none") } else { format!("{what}: {names}") }
}
