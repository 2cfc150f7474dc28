//! How one column is given to a statement.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote_spanned};

use super::tokens::{item, located_at, ours};
use crate::versioned::column::{Column, Storage};

// Output:
//     ::idem::__private::entity::add::<IdemDb, String>(arguments, &self.address)
//
// Output of `#[sqlx(try_from = "i64")]`:
//     ::idem::__private::entity::add::<IdemDb, i64>(
//         arguments,
//         &::idem::__private::entity::converted::<Price, i64>()(&self.price)?,
//     )
//
// Output of `#[sqlx(json)]`:
//     ::idem::__private::entity::add::<IdemDb, ::idem::__private::entity::Json>(
//         arguments,
//         &::idem::__private::entity::json::<Meta>()(&self.meta)?,
//     )
pub(super) fn bound(entity: &TokenStream, column: &Column, value: &TokenStream) -> TokenStream {
    let Column { ty, storage, .. } = column;
    let at_type = |name: &str| item(entity, name, located_at(ty));
    let value = match storage {
        Storage::Plain => value.clone(),
        Storage::Converted(stored) => {
            let converted = at_type("converted");
            quote_spanned!(ours()=> &#converted::<#ty, #stored>()(#value)?)
        }
        Storage::Json => {
            let json = at_type("json");
            quote_spanned!(ours()=> &#json::<#ty>()(#value)?)
        }
        Storage::ConvertedJson(stored) => {
            let (json, converted) = (at_type("json"), at_type("converted"));
            quote_spanned!(ours()=> &#json::<#stored>()(&#converted::<#ty, #stored>()(#value)?)?)
        }
        Storage::NullableJson => {
            let json = at_type("nullable_json");
            quote_spanned!(ours()=> &#json::<#ty>()(#value)?)
        }
    };
    let stored = stored(entity, column);
    quote_spanned!(ours()=> #entity::add::<IdemDb, #stored>(arguments, #value))
}

/// The type that sqlx is given.
pub(super) fn stored(entity: &TokenStream, column: &Column) -> TokenStream {
    match &column.storage {
        Storage::Plain => column.ty.to_token_stream(),
        Storage::Converted(stored) => stored.to_token_stream(),
        Storage::Json | Storage::ConvertedJson(_) => quote_spanned!(ours()=> #entity::Json),
        Storage::NullableJson => quote_spanned!(ours()=> ::core::option::Option<#entity::Json>),
    }
}
