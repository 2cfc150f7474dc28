//! What is legal and probably wrong.

use proc_macro2::TokenStream;
use quote::quote_spanned;

use crate::state_machine::check::{trap_message, traps};
use crate::state_machine::machine::Machine;

// Output:
//     const _: () = {
//         #[deprecated(note = "state `Shipped` has no outgoing transition …")]
//         const WARNING: () = ();
//         WARNING
//     };
//
// A derive cannot warn, so rustc does. Its lints leave out what a derive has written, hence the span of the variant.
pub(super) fn warnings(machine: &Machine) -> TokenStream {
    if machine.is_strict || !machine.is_whole {
        return TokenStream::new();
    }
    let warnings = traps(machine).map(|(_, state)| {
        let note = trap_message(state);
        quote_spanned! {state.name.span()=>
            const _: () = {
                #[deprecated(note = #note)]
                const WARNING: () = ();
                WARNING
            };
        }
    });
    warnings.collect()
}
