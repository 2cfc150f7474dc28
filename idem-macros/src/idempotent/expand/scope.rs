//! The scope of the call, and whether it is the function's own.

use proc_macro2::{Ident, TokenStream};
use quote::quote_spanned;
use syn::ext::IdentExt;

use super::tokens::{checked, item, located_at, ours};
use crate::idempotent::function::Head;
use crate::idempotent::options::Options;
use crate::idempotent::scope::ScopeName;

// Output of `scope = "payments.charge"`:
//     let scope = {
//         static SITE: ::idem::__private::Site = ::idem::__private::Site::named("payments.charge");
//         SITE.scope_of(::idem::__private::instance(|| {}))
//     };
pub(super) fn statements(private: &TokenStream, options: &Options, head: &Head) -> TokenStream {
    match &options.scope {
        None => derived(private, head),
        Some(ScopeName::Literal(scope)) => of_site(private, &quote_spanned!(ours()=> #private::Site::named(#scope))),
        Some(ScopeName::Shared(scope)) => of_site(private, &quote_spanned!(ours()=> #private::Site::shared(#scope))),
        Some(ScopeName::Expression(argument)) => {
            let scope = checked(private, "scope", argument);
            named(private, &scope)
        }
    }
}

fn of_site(private: &TokenStream, site: &TokenStream) -> TokenStream {
    quote_spanned! {ours()=>
        let scope = {
            static SITE: #private::Site = #site;
            SITE.scope_of(#private::instance(|| {}))
        };
    }
}

// Output of `scope = Self::SCOPE`:
//     let scope = ::idem::__private::scope(&Self::SCOPE);
//     let scope = {
//         static SITE: ::idem::__private::NamedSite = ::idem::__private::NamedSite::new();
//         SITE.scope_of(scope, ::idem::__private::instance(|| {}))
//     };
//
// In two statements, since an item is seen by an expression of the user's.
fn named(private: &TokenStream, scope: &TokenStream) -> TokenStream {
    quote_spanned! {ours()=>
        let scope = #scope;
        let scope = {
            static SITE: #private::NamedSite = #private::NamedSite::new();
            SITE.scope_of(scope, #private::instance(|| {}))
        };
    }
}

// Output:
//     let scope = {
//         static SITE: ::idem::__private::Site =
//             ::idem::__private::Site::new(::core::concat!(::core::module_path!(), "::charge"));
//         const charge: ::idem::__private::NotInItsModule = ::idem::__private::NotInItsModule;
//         let found = {
//             use ::idem::__private::FindsName as _;
//             use self::*;
//             charge.find_name()
//         };
//         ::idem::__private::derived(&SITE, found, ::idem::__private::instance(|| {}))
//     };
//
// A macro does not see whether a function is directly in a module, but the compiler does: there its name finds it, through
// the import of everything in the module. Elsewhere the name finds the constant, and there is no such bound.
fn derived(private: &TokenStream, head: &Head) -> TokenStream {
    let function = &head.signature.ident;
    let name = format!("::{}", function.unraw());
    let span = located_at(function);
    let mut function = function.clone();
    function.set_span(span);
    let derived = item(private, "derived", span);
    let found = Ident::new("found", span);
    quote_spanned! {ours()=>
        let scope = {
            static SITE: #private::Site = #private::Site::new(::core::concat!(::core::module_path!(), #name));
            #[allow(non_upper_case_globals)]
            const #function: #private::NotInItsModule = #private::NotInItsModule;
            let #found = {
                #[allow(unused_imports)]
                use #private::FindsName as _;
                #[allow(unused_imports)]
                use self::*;
                #function.find_name()
            };
            #derived(&SITE, #found, #private::instance(|| {}))
        };
    }
}
