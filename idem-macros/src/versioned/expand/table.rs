//! What statements are composed from.

use proc_macro2::{Ident, TokenStream};
use quote::quote_spanned;

use super::tokens::{item, located_at, ours};
use crate::versioned::column::Column;
use crate::versioned::field::Role;
use crate::versioned::parse::Entity;

// Output:
//     ::idem::__private::entity::Table {
//         name: "orders",
//         audit: ::core::option::Option::None,
//         columns: &[
//             ::idem::__private::entity::Column { name: "id", role: ::idem::__private::entity::Role::Id },
//             …
//         ],
//         natural: &["id"],
//     }
pub(super) fn table(entity: &TokenStream, input: &Entity) -> TokenStream {
    let name = &input.table;
    let audit = input.audit.as_ref().map_or_else(
        || quote_spanned!(ours()=> ::core::option::Option::None),
        |audit| quote_spanned!(ours()=> ::core::option::Option::Some(#audit)),
    );
    let columns = input.columns.iter().map(|column| {
        let name = &column.name;
        let role = role(entity, column);
        quote_spanned!(ours()=> #entity::Column { name: #name, role: #role })
    });
    let natural = natural(&input.columns);
    quote_spanned! {ours()=>
        #entity::Table { name: #name, audit: #audit, columns: &[#(#columns),*], natural: &[#(#natural),*] }
    }
}

// Output:
//     ::idem::__private::entity::Role::Id
//
// Output of `state`:
//     ::idem::__private::entity::Role::State({
//         use ::idem::__private::entity::NoState as _;
//         ::idem::__private::entity::StateColumn::<OrderStatus>::ALIASES
//     })
//
// Output of `soft_delete`:
//     ::idem::__private::entity::Role::SoftDelete(<bool as ::idem::__private::entity::SoftDelete>::KIND)
fn role(entity: &TokenStream, Column { role, ty, .. }: &Column) -> TokenStream {
    let role = match role {
        Role::Id => "Id",
        Role::GeneratedId => "GeneratedId",
        Role::Tenant => "Tenant",
        Role::Version => "Version",
        Role::Data => "Data",
        Role::Readonly => "Readonly",
        Role::Generated => "Generated",
        Role::CreatedAt => "CreatedAt",
        Role::UpdatedAt => "UpdatedAt",
        Role::State(_) => {
            return quote_spanned! {ours()=>
                #entity::Role::State({
                    use #entity::NoState as _;
                    #entity::StateColumn::<#ty>::ALIASES
                })
            };
        }
        Role::SoftDelete => {
            let soft_delete = item(entity, "SoftDelete", located_at(ty));
            return quote_spanned!(ours()=> #entity::Role::SoftDelete(<#ty as #soft_delete>::KIND));
        }
    };
    let role = Ident::new(role, ours());
    quote_spanned!(ours()=> #entity::Role::#role)
}

/// The columns by which a row is known: those that say so, else the ids.
fn natural(columns: &[Column]) -> Vec<&str> {
    let is_marked = columns.iter().any(|column| column.is_natural);
    let is_natural = |column: &&Column| if is_marked { column.is_natural } else { matches!(column.role, Role::Id) };
    columns.iter().filter(is_natural).map(|column| column.name.as_str()).collect()
}
