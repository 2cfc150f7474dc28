//! The enum of the events.

use proc_macro2::TokenStream;
use quote::quote_spanned;
use syn::ext::IdentExt;

use super::tokens::{enumeration, event_enum as name_of, is_state, library, located, ours};
use crate::state_machine::machine::{Event, Machine};

// Output:
//     /// The events of `OrderStatus`, by name.
//     #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
//     pub enum OrderStatusEvent {
//         /// `pay`: `Unpaid` => `Paid`
//         Pay,
//     }
//     impl OrderStatusEvent {
//         pub const ALL: &'static [Self] = &[Self::Pay];
//         pub const fn name(self) -> &'static str { match self { Self::Pay => "pay" } }
//     }
//     IMPLS
pub(super) fn event_enum(machine: &Machine) -> TokenStream {
    let (name, visibility) = (name_of(machine), &machine.visibility);
    let variants: Vec<_> = machine.events.iter().map(|event| located(&event.type_name)).collect();
    let names = machine.events.iter().map(Event::shown);
    let docs = machine.events.iter().map(|event| documentation(machine, event));
    let doc = format!("The events of `{}`, by name.", machine.name.unraw());
    let shown = if variants.is_empty() {
        quote_spanned!(ours()=> match self {})
    } else {
        quote_spanned!(ours()=> match self { #(Self::#variants => #names,)* })
    };
    let impls = impls(machine);
    quote_spanned! {ours()=>
        #[doc = #doc]
        #[derive(
            ::core::fmt::Debug,
            ::core::clone::Clone,
            ::core::marker::Copy,
            ::core::cmp::PartialEq,
            ::core::cmp::Eq,
            ::core::hash::Hash,
        )]
        #visibility enum #name {
            #(#[doc = #docs] #variants,)*
        }
        #[automatically_derived]
        #[allow(dead_code, reason = "not every function is used by everybody")]
        impl #name {
            /// All events, in the order of their first transitions.
            #visibility const ALL: &'static [Self] = &[#(Self::#variants),*];
            /// The name of the event, as it is declared.
            #[must_use]
            #visibility const fn name(self) -> &'static ::core::primitive::str {
                #shown
            }
        }
        #impls
    }
}

/// What an event does: `` `pay`: `Unpaid` => `Paid` ``.
pub(super) fn documentation(machine: &Machine, event: &Event) -> String {
    let moves = event.moves.iter().map(|one| {
        let sources = one.sources.iter().map(|source| format!("`{}`", machine.shown(source.state)));
        format!("{} => `{}`", sources.collect::<Vec<_>>().join(" | "), machine.shown(one.target))
    });
    format!("`{}`: {}", event.shown(), moves.collect::<Vec<_>>().join(", "))
}

// Output:
//     impl ::idem::__private::machine::MachineEvent for OrderStatusEvent where … {
//         type Machine = OrderStatus;
//         const ALL: &'static [Self] = Self::ALL;
//         fn name(self) -> &'static str { Self::name(self) }
//     }
//     impl ::core::fmt::Display for OrderStatusEvent { … f.pad(Self::name(*self)) … }
//     impl ::core::str::FromStr for OrderStatusEvent where … { … ::idem::__private::machine::parse_event(name) … }
//     SERDE
fn impls(machine: &Machine) -> TokenStream {
    let library = library(machine);
    let (events, name) = (name_of(machine), enumeration(machine));
    let serde = serde(machine);
    let is_state = is_state(machine);
    quote_spanned! {ours()=>
        #[automatically_derived]
        impl #library::MachineEvent for #events
        where
            #is_state,
        {
            type Machine = #name;
            const ALL: &'static [Self] = Self::ALL;
            fn name(self) -> &'static ::core::primitive::str {
                Self::name(self)
            }
        }
        #[automatically_derived]
        impl ::core::fmt::Display for #events {
            fn fmt(&self, formatter: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                formatter.pad(Self::name(*self))
            }
        }
        #[automatically_derived]
        impl ::core::str::FromStr for #events
        where
            #is_state,
        {
            type Err = #library::UnknownEvent;
            fn from_str(name: &::core::primitive::str) -> ::core::result::Result<Self, #library::UnknownEvent> {
                #library::parse_event(name)
            }
        }
        #serde
    }
}

// Output:
//     impl ::idem::__private::machine::serde::Serialize for OrderStatusEvent {
//         fn serialize<S: …::Serializer>(&self, serializer: S) -> ::core::result::Result<S::Ok, S::Error> {
//             serializer.serialize_str(Self::name(*self))
//         }
//     }
//     impl<'de> ::idem::__private::machine::serde::Deserialize<'de> for OrderStatusEvent where … {
//         fn deserialize<D: …::Deserializer<'de>>(deserializer: D) -> ::core::result::Result<Self, D::Error> {
//             ::idem::__private::machine::deserialize_event(deserializer)
//         }
//     }
fn serde(machine: &Machine) -> TokenStream {
    let library = library(machine);
    let (events, is_state) = (name_of(machine), is_state(machine));
    quote_spanned! {ours()=>
        #[automatically_derived]
        impl #library::serde::Serialize for #events {
            fn serialize<S: #library::serde::Serializer>(
                &self,
                serializer: S,
            ) -> ::core::result::Result<S::Ok, S::Error> {
                serializer.serialize_str(Self::name(*self))
            }
        }
        #[automatically_derived]
        impl<'de> #library::serde::Deserialize<'de> for #events
        where
            #is_state,
        {
            fn deserialize<D: #library::serde::Deserializer<'de>>(
                deserializer: D,
            ) -> ::core::result::Result<Self, D::Error> {
                #library::deserialize_event(deserializer)
            }
        }
    }
}
