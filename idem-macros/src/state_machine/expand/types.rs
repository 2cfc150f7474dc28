//! The module with a type for each event and for each state. Nothing in it names the enum, which may stand in a function.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote_spanned};
use syn::Visibility;
use syn::ext::IdentExt;

use super::events::documentation;
use super::tokens::{located, ours};
use super::typed;
use crate::state_machine::machine::Machine;

// Output:
//     /// The events of `OrderStatus` as types, and its states in [`state`].
//     pub mod order_status {
//         /// `pay`: `Unpaid` => `Paid`
//         #[derive(Debug, Clone, Copy)]
//         pub struct Pay;
//         STATES
//     }
pub(super) fn module(machine: &Machine) -> TokenStream {
    let visibility = &machine.visibility;
    let module = located(&machine.module());
    let inside = inside(visibility, 1);
    let events = machine.events.iter().map(|event| {
        let (name, doc) = (located(&event.type_name), documentation(machine, event));
        quote_spanned! {ours()=>
            #[doc = #doc]
            #[derive(::core::fmt::Debug, ::core::clone::Clone, ::core::marker::Copy)]
            #inside struct #name;
        }
    });
    let doc = format!("The events of `{}` as types, and its states in [`state`].", machine.name.unraw());
    let states = typed::states(machine);
    quote_spanned! {ours()=>
        #[doc = #doc]
        #[allow(dead_code, non_camel_case_types, reason = "not every type is used by everybody, and names are the user's")]
        #visibility mod #module {
            #(#events)*
            #states
        }
    }
}

// Input:
//     pub(super), two modules further in
//
// Output:
//     pub(in super::super::super)
/// The visibility of the enum, said from within modules beside it. More would make its types public in private places.
pub(super) fn inside(visibility: &Visibility, depth: usize) -> TokenStream {
    let supers = (0..depth).map(|_| quote_spanned!(ours()=> super));
    let restricted = match visibility {
        Visibility::Public(_) => return visibility.to_token_stream(),
        Visibility::Inherited => None,
        Visibility::Restricted(restricted) => Some(&restricted.path),
    };
    let first = restricted.and_then(|path| path.segments.first());
    match (restricted, first) {
        (Some(path), Some(first)) if first.ident == "super" => {
            quote_spanned!(ours()=> pub(in #(#supers::)* #path))
        }
        (Some(_), Some(first)) if first.ident == "crate" => visibility.to_token_stream(),
        _ => quote_spanned!(ours()=> pub(in #(#supers)::*)),
    }
}
