//! What is legal and probably wrong.

use proc_macro2::TokenStream;
use quote::quote_spanned;

use crate::idempotent::forgotten::{Forgotten, forgotten};
use crate::idempotent::function::Head;
use crate::idempotent::options::{Options, Transaction};

// Output, where an argument is a transaction and there is no `tx`:
//     const _: () = {
//         #[deprecated(note = "the body may write in `tx`, …")]
//         const WARNING: () = ();
//         WARNING
//     };
//
// A macro cannot warn, so rustc does, at the span of the argument's type.
pub(super) fn warning(options: &Options, head: &Head) -> Option<TokenStream> {
    if !matches!(options.tx, Transaction::NotSaid) {
        return None;
    }
    let Forgotten { name, declared } = forgotten(&head.signature)?;
    let name = name.map_or_else(|| "tx".to_owned(), |name| name.to_string());
    let note = format!(
        "the body may write in `{name}`, and the outcome is stored apart from it: if that transaction is rolled back, the \
         outcome is replayed all the same\nhelp: write `tx = {name}` for one commit of both, or `tx = none` if what the body \
         writes there is committed before it returns"
    );
    Some(quote_spanned! {declared.span()=>
        const _: () = {
            #[deprecated(note = #note)]
            const WARNING: () = ();
            WARNING
        };
    })
}
