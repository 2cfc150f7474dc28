//! The attribute of [idem](https://docs.rs/idem-rs): parses, checks and expands, and has no behaviour.
//!
//! Use it through the facade, which documents it and re-exports what its expansion names.

mod case;
mod closest;
mod errors;
mod idempotent;
mod into_key;
mod opt;
mod options;
mod state_machine;
mod text;
mod tokens;
mod versioned;

#[cfg(test)]
mod golden;

use proc_macro::TokenStream;

/// Runs an async function at most once per key, and gives every retry the same answer.
///
/// The reference, with all options and examples, is at `idem::idempotent`.
#[proc_macro_attribute]
pub fn idempotent(args: TokenStream, item: TokenStream) -> TokenStream {
    idempotent::idempotent(&args.into(), &item.into()).into()
}

/// Makes the values of a type keys.
///
/// The reference, with examples, is at `idem::IntoKey`.
#[proc_macro_derive(IntoKey, attributes(into_key))]
pub fn into_key(item: TokenStream) -> TokenStream {
    into_key::into_key(&item.into()).into()
}

/// Makes a struct an entity: a row whose updates are guarded by a version, and whose state changes by transitions.
///
/// The reference, with all options and examples, is at `idem::Versioned`.
#[proc_macro_derive(Versioned, attributes(versioned, sqlx))]
pub fn versioned(item: TokenStream) -> TokenStream {
    versioned::versioned(&item.into()).into()
}

/// Makes an enum the states of a row, and says which moves between them there are.
///
/// The reference, with all options and examples, is at `idem::StateMachine`.
#[proc_macro_derive(StateMachine, attributes(state_machine, transition, state))]
pub fn state_machine(item: TokenStream) -> TokenStream {
    state_machine::state_machine(&item.into()).into()
}
