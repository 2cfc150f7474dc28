//! Rust guards.

use proc_macro2::{Ident, Literal, TokenStream};
use quote::{ToTokens, quote_spanned};
use syn::Path;

use super::tokens::{event_type, is_state, library, ours};
use crate::state_machine::machine::{Event, Machine};

// Output for an event without Rust guards:
//     impl<T: ?::core::marker::Sized> ::idem::__private::machine::FiresOn<T> for order_status::Pay where … {}
//
// Output for others:
//     impl ::idem::__private::machine::FiresOn<Order> for order_status::Ship where … {
//         fn check(
//             entity: &Order,
//             index_of_move: usize,
//         ) -> ::core::result::Result<(), ::idem::__private::machine::GuardError> {
//             match index_of_move {
//                 0 => ::idem::__private::machine::guard_answer(has_address(entity)),
//                 _ => ::core::result::Result::Ok(()),
//             }
//         }
//     }
pub(super) fn fires_on(machine: &Machine, event: &Event) -> TokenStream {
    let library = library(machine);
    let (event_type, is_state) = (event_type(machine, event), is_state(machine));
    let guards = event.moves.iter().enumerate().filter_map(|(index, one)| Some((index, one.guard.as_ref()?)));
    let arms: Vec<_> = guards.map(|(index, guard)| arm(&library, index, guard)).collect();
    let Some(entity) = machine.entity.as_ref().filter(|_| !arms.is_empty()) else {
        return quote_spanned! {ours()=>
            #[automatically_derived]
            impl<T: ?::core::marker::Sized> #library::FiresOn<T> for #event_type where #is_state {}
        };
    };
    quote_spanned! {ours()=>
        #[automatically_derived]
        impl #library::FiresOn<#entity> for #event_type
        where
            #is_state,
        {
            fn check(
                entity: &#entity,
                index_of_move: ::core::primitive::usize,
            ) -> ::core::result::Result<(), #library::GuardError> {
                match index_of_move {
                    #(#arms)*
                    _ => ::core::result::Result::Ok(()),
                }
            }
        }
    }
}

// Output:
//     0 => ::idem::__private::machine::guard_answer(has_address(entity)),
//
// What rustc says about the argument and about the answer, it says at the path of the guard.
fn arm(library: &TokenStream, index: usize, guard: &Path) -> TokenStream {
    let index = Literal::usize_unsuffixed(index);
    let first = guard.to_token_stream().into_iter().next();
    let span = first.map_or_else(ours, |first| ours().located_at(first.span()));
    let entity = Ident::new("entity", span);
    let answer = Ident::new("guard_answer", span);
    let call = quote_spanned!(span=> #guard(#entity));
    quote_spanned!(ours()=> #index => #library::#answer(#call),)
}
