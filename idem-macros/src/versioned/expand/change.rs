//! What of a draft differs from the row.

use proc_macro2::TokenStream;
use quote::quote_spanned;

use super::tokens::{item, located_at, ours};
use crate::versioned::column::{Column, Comparison};
use crate::versioned::field::Role;

// Output:
//     use ::idem::__private::entity::compare::{Incomparable as _, SameValue as _};
//     if !(&::idem::__private::entity::compare::comparable::<Uuid>()(&self.id, &draft.id)).is_same() {
//         return ::core::option::Option::Some("id");
//     }
//     …
//     ::core::option::Option::None
pub(super) fn fixed_difference(entity: &TokenStream, columns: &[Column]) -> TokenStream {
    let fixed = columns.iter().filter(|column| !matches!(column.role, Role::Data));
    let checks = fixed.map(|column| {
        let field = &column.field;
        let is_same = is_same(entity, column);
        quote_spanned! {ours()=>
            if !#is_same {
                return ::core::option::Option::Some(#field);
            }
        }
    });
    quote_spanned! {ours()=>
        use #entity::compare::{Incomparable as _, SameValue as _};
        #(#checks)*
        ::core::option::Option::None
    }
}

// Output:
//     use ::idem::__private::entity::compare::{Incomparable as _, SameValue as _};
//     true
//         && (&::idem::__private::entity::compare::comparable::<i64>()(&self.total, &draft.total)).is_same()
//         && ::idem::__private::entity::compare::by::<Option<String>>(same_address)(&self.address, &draft.address)
//
// Output of a field with `always_write`:
//     false && …
//
// What is never compared must still compile, so an entity that is always written has its other comparisons too.
pub(super) fn is_unchanged(entity: &TokenStream, columns: &[Column]) -> TokenStream {
    let data = columns.iter().filter(|column| matches!(column.role, Role::Data));
    let is_always_written = data.clone().any(|column| matches!(column.comparison, Comparison::Always));
    let comparisons: Vec<_> = data
        .filter(|column| !matches!(column.comparison, Comparison::Always | Comparison::Never))
        .map(|column| is_same(entity, column))
        .collect();
    let start = !is_always_written;
    if comparisons.is_empty() {
        return quote_spanned! {ours()=>
            let _: &Self = draft;
            #start
        };
    }
    quote_spanned! {ours()=>
        use #entity::compare::{Incomparable as _, SameValue as _};
        #start #(&& #comparisons)*
    }
}

// Output:
//     (&::idem::__private::entity::compare::comparable::<Uuid>()(&self.id, &draft.id)).is_same()
//
// Output of a state:
//     (&::idem::__private::entity::compare::Pair(&self.status, &draft.status)).is_same()
//
// Types that are compared and have been asked for more elsewhere are not asked again, so that one mistake is reported once.
fn is_same(entity: &TokenStream, column: &Column) -> TokenStream {
    let Column { member, ty, role, comparison, .. } = column;
    if let Comparison::With(function) = comparison {
        let compare = quote_spanned!(ours()=> #entity::compare);
        let span = located_at(function);
        let by = item(&compare, "by", span);
        let by = quote_spanned!(span=> #by::<#ty>(#function));
        return quote_spanned!(ours()=> #by(&self.#member, &draft.#member));
    }
    let pair = match role {
        Role::State(_) | Role::Version | Role::CreatedAt | Role::UpdatedAt | Role::SoftDelete => {
            quote_spanned!(ours()=> #entity::compare::Pair)
        }
        Role::Id | Role::GeneratedId | Role::Tenant | Role::Data | Role::Readonly | Role::Generated => {
            let compare = quote_spanned!(ours()=> #entity::compare);
            let comparable = item(&compare, "comparable", located_at(ty));
            quote_spanned!(ours()=> #comparable::<#ty>())
        }
    };
    quote_spanned!(ours()=> (&#pair(&self.#member, &draft.#member)).is_same())
}
