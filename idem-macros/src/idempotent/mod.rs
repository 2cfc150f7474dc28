//! `#[idempotent]`: parse, check, expand.

mod parse;

mod function;
mod returned;

mod options;
mod entry;
mod value;
mod word;
mod scope;
mod place;
mod forgotten;
mod duration;
mod suggest;

mod check;
mod expand;
mod fallback;

use proc_macro2::TokenStream;

use parse::Input;

/// What one use of the attribute becomes.
pub(crate) fn idempotent(args: &TokenStream, item: &TokenStream) -> TokenStream {
    match Input::parse(args, item) {
        Ok(input) => expand::expand(&input),
        Err(errors) => fallback::fallback(errors, args, item),
    }
}
