//! What is asked of the types of columns, and nowhere else.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote_spanned};

use super::tokens;
use super::tokens::{item, located_at, ours};
use crate::versioned::check::is_float;
use crate::versioned::column::{Column, Comparison};
use crate::versioned::field::Role;
use crate::versioned::parse::Entity;

// Output:
//     #[allow(clippy::no_effect, clippy::unnecessary_operation)]
//     const _: fn() = || {
//         ::idem::__private::entity::updated_at_column::<DateTime<Utc>>();
//     };
//     WARNINGS
pub(super) fn checks(input: &Entity) -> TokenStream {
    let entity = tokens::entity(&input.root);
    let checks: Vec<_> = input.columns.iter().filter_map(|column| check(&entity, column)).collect();
    let warnings: TokenStream = input.columns.iter().filter_map(warning).collect();
    if checks.is_empty() {
        return warnings;
    }
    quote_spanned! {ours()=>
        #[allow(clippy::no_effect, clippy::unnecessary_operation)]
        const _: fn() = || {
            #(#checks)*
        };
        #warnings
    }
}

fn check(entity: &TokenStream, Column { ty, role, .. }: &Column) -> Option<TokenStream> {
    let function = match role {
        Role::CreatedAt => "created_at_column",
        Role::UpdatedAt => "updated_at_column",
        _ => return None,
    };
    let span = located_at(ty);
    let function = item(entity, function, span);
    Some(quote_spanned!(span=> #function::<#ty>();))
}

// Output for a float that is compared as it is:
//     const _: () = {
//         #[deprecated(note = "floats are compared bit by bit, …")]
//         const WARNING: () = ();
//         WARNING
//     };
//
// A derive cannot warn, so rustc does. Its lints leave out what a derive has written, hence the span of the type.
fn warning(Column { ty, role, comparison, .. }: &Column) -> Option<TokenStream> {
    let is_compared = matches!((role, comparison), (Role::Data | Role::Readonly, Comparison::Value));
    if !is_compared || !is_float(ty) {
        return None;
    }
    let note = "floats are compared bit by bit, and a sum that was computed anew often differs in its last bit\nhelp: write \
                `#[versioned(compare = path)]` for a tolerance, or `#[versioned(compare = idem::same_bits)]` if that is meant";
    Some(quote_spanned! {users_span(ty)=>
        const _: () = {
            #[deprecated(note = #note)]
            const WARNING: () = ();
            WARNING
        };
    })
}

/// The span of a token of the user's: rustc shows a warning in an expansion at the derive, and not where it is located.
fn users_span(tokens: &impl ToTokens) -> Span {
    tokens.to_token_stream().into_iter().next().map_or_else(ours, |first| first.span())
}
