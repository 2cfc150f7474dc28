//! The small pieces that the rest is quoted from.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote_spanned};
use syn::{Path, Type};

pub(crate) use crate::tokens::{item, located_at, ours};

/// The module that holds all that an expansion may name.
pub(crate) fn entity(root: &Path) -> TokenStream {
    quote_spanned!(ours()=> #root::__private::entity)
}

// Output:
//     ::idem::__private::entity::HasState<OrderStatus>
//
// All of it is located at the type, where rustc reports a type that does not fit.
pub(super) fn of_type(entity: &TokenStream, name: &str, ty: &Type) -> TokenStream {
    let span = located_at(ty);
    let item = item(entity, name, span);
    let end = ty.to_token_stream().into_iter().last().map_or_else(ours, |last| ours().located_at(last.span()));
    let close = quote_spanned!(end=> >);
    quote_spanned!(span=> #item<#ty #close)
}
