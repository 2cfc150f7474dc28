//! `#[derive(IntoKey)]`: parse, check, expand.

mod parse;
mod expand;

use proc_macro2::TokenStream;

use parse::KeyType;

/// What one use of the derive becomes.
pub(crate) fn into_key(item: &TokenStream) -> TokenStream {
    match KeyType::parse(item) {
        Ok(key) => expand::expand(&key),
        Err(errors) => errors.into_compile_errors(),
    }
}
