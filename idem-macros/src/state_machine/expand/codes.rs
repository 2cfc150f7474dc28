//! What is stored, and back.

use proc_macro2::TokenStream;
use quote::quote_spanned;
use syn::ext::IdentExt;

use super::moves::for_each_state;
use super::tokens::{library, literal, ours, self_type, state};
use crate::state_machine::machine::{Machine, Store};

// Output:
//     pub const fn code(self) -> &'static str {
//         match self { Self::Unpaid => "unpaid", Self::Paid => "paid" }
//     }
//     pub fn from_code(code: &str) -> ::core::result::Result<Self, ::idem::__private::machine::UnknownCode> {
//         match code {
//             "unpaid" => ::core::result::Result::Ok(Self::Unpaid),
//             "paid" | "payed" => ::core::result::Result::Ok(Self::Paid),
//             _ => ::core::result::Result::Err(UNKNOWN),
//         }
//     }
//
// Output with `store = "int16"`:
//     pub const fn code(self) -> i16 { … }
//     pub fn from_code(code: i64) -> … { … }
pub(super) fn functions(machine: &Machine) -> TokenStream {
    let visibility = &machine.visibility;
    let library = library(machine);
    let code = for_each_state(machine, |state| {
        let code = literal(&machine.states[state].code);
        quote_spanned!(ours()=> #code)
    });
    let stored = match machine.store {
        Store::Text => quote_spanned!(ours()=> &'static ::core::primitive::str),
        Store::Int16 => quote_spanned!(ours()=> ::core::primitive::i16),
        Store::Int32 => quote_spanned!(ours()=> ::core::primitive::i32),
    };
    let read = match machine.store {
        Store::Text => quote_spanned!(ours()=> &::core::primitive::str),
        Store::Int16 | Store::Int32 => quote_spanned!(ours()=> ::core::primitive::i64),
    };
    let parsed = parsed(machine);
    quote_spanned! {ours()=>
        /// What is stored for this state.
        #[must_use]
        #visibility const fn code(self) -> #stored {
            #code
        }
        /// The state that is stored as `code`, aliases included.
        ///
        /// # Errors
        ///
        /// There is none; the error lists the codes that there are.
        #visibility fn from_code(code: #read) -> ::core::result::Result<Self, #library::UnknownCode> {
            #parsed
        }
    }
}

// Output:
//     match code {
//         "unpaid" => ::core::result::Result::Ok(Self::Unpaid),
//         "paid" | "payed" => ::core::result::Result::Ok(Self::Paid),
//         _ => ::core::result::Result::Err(
//             ::idem::__private::machine::UnknownCode::new("OrderStatus", code, &["unpaid", "paid"]),
//         ),
//     }
fn parsed(machine: &Machine) -> TokenStream {
    let (library, of) = (library(machine), self_type());
    let name = machine.name.unraw().to_string();
    let known = machine.states.iter().map(|state| literal(&state.code));
    let arms = machine.states.iter().enumerate().map(|(index, declared)| {
        let codes = std::iter::once(&declared.code).chain(&declared.aliases).map(literal);
        let value = state(&of, machine, index);
        quote_spanned!(ours()=> #(#codes)|* => ::core::result::Result::Ok(#value),)
    });
    quote_spanned! {ours()=>
        match code {
            #(#arms)*
            _ => ::core::result::Result::Err(#library::UnknownCode::new(#name, code, &[#(#known),*])),
        }
    }
}
