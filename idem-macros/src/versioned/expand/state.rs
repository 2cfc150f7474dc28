//! `HasState`, for each column that holds a state.

use proc_macro2::{Ident, Literal, TokenStream};
use quote::quote_spanned;
use syn::LitStr;

use super::tokens;
use super::tokens::{item, located_at, of_type, ours};
use crate::versioned::column::Column;
use crate::versioned::field::Role;
use crate::versioned::parse::Entity;

// Output:
//     impl ::idem::__private::entity::HasState<OrderStatus> for Order {
//         const COLUMN: usize = 2usize;
//         const NAME: &'static str = "";
//         fn state(&self) -> OrderStatus {
//             use ::idem::__private::entity::NoState as _;
//             ::idem::__private::entity::StateColumn(&self.status).state()
//         }
//     }
//     NEEDS
//
// That the type is a machine is asked by the impl alone.
pub(super) fn states(input: &Entity) -> TokenStream {
    let columns = input.columns.iter().enumerate();
    columns
        .filter_map(|(position, column)| match &column.role {
            Role::State(name) => Some(state(input, position, column, name.as_ref())),
            _ => None,
        })
        .collect()
}

fn state(input: &Entity, position: usize, column: &Column, state_name: Option<&LitStr>) -> TokenStream {
    let Entity { name, root, .. } = input;
    let Column { member, ty, .. } = column;
    let entity = tokens::entity(root);
    let position = Literal::usize_suffixed(position);
    let state_name = state_name.map(LitStr::value).unwrap_or_default();
    let has_state = of_type(&entity, "HasState", ty);
    let needs = needs(&entity, input, column);
    quote_spanned! {ours()=>
        #[automatically_derived]
        impl #has_state for #name {
            const COLUMN: ::core::primitive::usize = #position;
            const NAME: &'static ::core::primitive::str = #state_name;

            fn state(&self) -> #ty {
                use #entity::NoState as _;
                #entity::StateColumn(&self.#member).state()
            }
        }
        #needs
    }
}

// Output:
//     const _: () = {
//         use ::idem::__private::entity::NoState as _;
//         ::idem::__private::entity::no_version_for(
//             ::idem::__private::entity::StateColumn::<OrderStatus>::NEEDS_VERSION,
//             "Order",
//         )
//     };
//
// What an event needs is known to the enum alone, and whether it is there to the struct.
fn needs(entity: &TokenStream, input: &Entity, Column { ty, .. }: &Column) -> TokenStream {
    let has_version = input.columns.iter().any(|column| matches!(column.role, Role::Version));
    let version = (!has_version).then_some(("no_version_for", "NEEDS_VERSION"));
    let audit = input.audit.is_none().then_some(("no_audit_for", "NEEDS_AUDIT"));
    let span = located_at(ty);
    let name = input.name.to_string();
    [version, audit]
        .into_iter()
        .flatten()
        .map(|(function, need)| {
            let function = item(entity, function, span);
            let column = item(entity, "StateColumn", span);
            let need = Ident::new(need, span);
            quote_spanned! {span=>
                const _: () = {
                    use #entity::NoState as _;
                    #function(#column::<#ty>::#need, #name)
                };
            }
        })
        .collect()
}
