//! The attribute of [idem](https://docs.rs/idem-rs): parses, checks and expands, and has no behaviour.
//!
//! Use it through the facade, which documents it and re-exports what its expansion names.

mod errors;
mod idempotent;
mod opt;

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
