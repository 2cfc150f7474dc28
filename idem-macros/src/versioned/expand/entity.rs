//! `Versioned` itself, and `HasVersion`.

use proc_macro2::TokenStream;
use quote::quote_spanned;

use super::tokens::{item, located_at, ours};
use super::{address, change, table, tokens};
use crate::versioned::column::Column;
use crate::versioned::field::Role;
use crate::versioned::parse::Entity;

// Input:
//     #[versioned(table = "orders")]
//     struct Order {
//         #[versioned(id)]
//         id: Uuid,
//         …
//     }
//
// Output:
//     impl ::idem::__private::entity::Versioned for Order {
//         type Address = Uuid;
//         const TABLE: ::idem::__private::entity::Table = TABLE;
//         fn address(&self) -> Self::Address { ADDRESS }
//         fn version(&self) -> ::core::option::Option<i64> { VERSION }
//         fn fixed_difference(&self, draft: &Self) -> ::core::option::Option<&'static str> { FIXED }
//         fn is_unchanged(&self, draft: &Self) -> bool { UNCHANGED }
//     }
//     impl ::idem::__private::entity::HasVersion for Order {}
pub(super) fn versioned(input: &Entity) -> TokenStream {
    let Entity { name, root, .. } = input;
    let entity = tokens::entity(root);
    let address_type = address::address_type(&entity, &address::ids(&input.columns));
    let table = table::table(&entity, input);
    let address = address::address(&entity, &input.columns);
    let version_column = input.columns.iter().find(|column| matches!(column.role, Role::Version));
    let version = version(&entity, version_column);
    let fixed_difference = change::fixed_difference(&entity, &input.columns);
    let is_unchanged = change::is_unchanged(&entity, &input.columns);
    let has_version = version_column.map(|_| {
        quote_spanned! {ours()=>
            #[automatically_derived]
            impl #entity::HasVersion for #name {}
        }
    });
    quote_spanned! {ours()=>
        #[automatically_derived]
        impl #entity::Versioned for #name {
            type Address = #address_type;

            const TABLE: #entity::Table = #table;

            fn address(&self) -> Self::Address {
                #address
            }

            fn version(&self) -> ::core::option::Option<::core::primitive::i64> {
                #version
            }

            fn fixed_difference(
                &self,
                draft: &Self,
            ) -> ::core::option::Option<&'static ::core::primitive::str> {
                #fixed_difference
            }

            fn is_unchanged(&self, draft: &Self) -> ::core::primitive::bool {
                #is_unchanged
            }
        }
        #has_version
    }
}

// Output:
//     ::core::option::Option::Some(::idem::__private::entity::version_column::<i64>()(&self.version))
//
// The function takes no argument, because rustc would report a type that does not fit at that.
fn version(entity: &TokenStream, column: Option<&Column>) -> TokenStream {
    let Some(Column { member, ty, .. }) = column else {
        return quote_spanned!(ours()=> ::core::option::Option::None);
    };
    let version_column = item(entity, "version_column", located_at(ty));
    quote_spanned! {ours()=>
        ::core::option::Option::Some(#version_column::<#ty>()(&self.#member))
    }
}
