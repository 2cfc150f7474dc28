//! Quotes the expansion, which cannot fail. The output of every kind of entity is pinned in `tests/golden`.

mod table;
mod address;
mod change;
mod entity;
mod bind;
mod values;
mod state;
mod columns;
pub(super) mod tokens;

use proc_macro2::TokenStream;

use super::parse::Entity;

pub(super) use address::{Ids, address_type};

/// All impls of one entity.
pub(super) fn expand(entity: &Entity) -> TokenStream {
    [entity::versioned(entity), values::values(entity), state::states(entity), columns::checks(entity)]
        .into_iter()
        .collect()
}
