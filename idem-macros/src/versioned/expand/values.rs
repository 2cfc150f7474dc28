//! `Values`: how an entity is given to a statement.

use std::collections::HashSet;

use proc_macro2::{Literal, TokenStream};
use quote::quote_spanned;

use super::tokens::ours;
use super::{address, bind, tokens};
use crate::versioned::column::Column;
use crate::versioned::field::Role;
use crate::versioned::parse::Entity;

// Output:
//     impl<IdemDb: ::idem::__private::entity::Database> ::idem::__private::entity::Values<IdemDb> for Order
//     where
//         Uuid: ::idem::__private::entity::Value<IdemDb>,
//         …
//     {
//         fn bind_address(address: &Self::Address, arguments: …) -> … {
//             ADDRESS
//             ::core::result::Result::Ok(())
//         }
//         fn bind(&self, column: usize, arguments: …) -> … {
//             match column {
//                 0usize => ::idem::__private::entity::add::<IdemDb, Uuid>(arguments, &self.id),
//                 …
//                 _ => ::idem::__private::entity::never_bound(column),
//             }
//         }
//     }
//
// Names of types are not hygienic, so the database is called as no type of the user's is.
pub(super) fn values(input: &Entity) -> TokenStream {
    let Entity { name, root, columns, .. } = input;
    let entity = tokens::entity(root);
    let stored = distinct_types(&entity, columns);
    let address = address::bound(&entity, columns);
    let arms = bound_columns(columns).map(|(position, column)| {
        let member = &column.member;
        let position = Literal::usize_suffixed(position);
        let bound = bind::bound(&entity, column, &quote_spanned!(ours()=> &self.#member));
        quote_spanned!(ours()=> #position => #bound,)
    });
    quote_spanned! {ours()=>
        #[automatically_derived]
        impl<IdemDb: #entity::Database> #entity::Values<IdemDb> for #name
        where
            #(#stored: #entity::Value<IdemDb>,)*
        {
            fn bind_address(
                address: &Self::Address,
                arguments: &mut #entity::Arguments<IdemDb>,
            ) -> ::core::result::Result<(), #entity::BindError> {
                #address
                ::core::result::Result::Ok(())
            }

            fn bind(
                &self,
                column: ::core::primitive::usize,
                arguments: &mut #entity::Arguments<IdemDb>,
            ) -> ::core::result::Result<(), #entity::BindError> {
                match column {
                    #(#arms)*
                    _ => #entity::never_bound(column),
                }
            }
        }
    }
}

/// The columns that are written, with their places. A generated one may be of a type that can only be read.
fn bound_columns(columns: &[Column]) -> impl Iterator<Item = (usize, &Column)> {
    columns.iter().enumerate().filter(|(_, column)| !matches!(column.role, Role::Generated))
}

/// Each type that is bound, once.
fn distinct_types(entity: &TokenStream, columns: &[Column]) -> Vec<TokenStream> {
    let mut seen = HashSet::new();
    bound_columns(columns)
        .map(|(_, column)| bind::stored(entity, column))
        .filter(|stored| seen.insert(stored.to_string()))
        .collect()
}
