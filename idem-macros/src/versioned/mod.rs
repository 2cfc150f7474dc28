//! `#[derive(Versioned)]`: parse, check, expand.

mod parse;

mod suggest;
mod value;
mod name;
mod container;
mod field;
mod sqlx;
mod column;

mod check;
mod expand;
mod stub;

use proc_macro2::TokenStream;

use parse::Entity;

/// What one use of the derive becomes.
pub(crate) fn versioned(item: &TokenStream) -> TokenStream {
    match Entity::parse(item) {
        Ok(entity) => expand::expand(&entity),
        Err(errors) => stub::stub(errors, item),
    }
}
