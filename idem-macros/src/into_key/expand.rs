//! Quotes a valid use. Nothing here can fail.

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote_spanned};
use syn::ext::IdentExt;
use syn::{Fields, Generics, Member, Path, Type, parse_quote};

use super::parse::{KeyType, Part, Shape, Variant};
use crate::tokens::{located_at, ours};

// Input:
//     struct LineId { order: OrderId, line: u32 }
//
// Output:
//     impl ::idem::IntoKey for LineId {
//         fn write_key(&self, key: &mut ::idem::KeyWriter) {
//             WRITTEN
//         }
//     }
pub(super) fn expand(KeyType { name, generics, shape, root }: &KeyType) -> TokenStream {
    let written = match shape {
        Shape::Struct(parts) => of_struct(root, parts),
        Shape::Enum(variants) => of_enum(variants),
    };
    let generics = bounded(root, generics);
    let (in_impl, in_type, bounds) = generics.split_for_impl();
    quote_spanned! {ours()=>
        #[automatically_derived]
        impl #in_impl #root::IntoKey for #name #in_type #bounds {
            fn write_key(&self, key: &mut #root::KeyWriter) {
                #written
            }
        }
    }
}

/// Each type parameter is a key.
fn bounded(root: &Path, generics: &Generics) -> Generics {
    let mut generics = generics.clone();
    for parameter in generics.type_params_mut() {
        parameter.bounds.push(parse_quote!(#root::IntoKey));
    }
    generics
}

// Output of `struct OrderId(u64)`, which is the key of what is in it:
//     <u64 as ::idem::IntoKey>::write_key(&self.0, key);
//
// Output of `struct LineId { order: OrderId, line: u32 }`:
//     key.group(&[&self.order, &self.line]);
fn of_struct(root: &Path, parts: &[Part]) -> TokenStream {
    let values = parts.iter().map(|Part { member, declared }| {
        let span = located_at(declared);
        let value = quote_spanned!(span=> &self.#member);
        (value, declared)
    });
    let is_newtype = matches!(parts, [Part { member: Member::Unnamed(_), .. }]);
    if is_newtype {
        let written = values.map(|(value, declared)| alone(root, declared, &value));
        quote_spanned!(ours()=> #(#written)*)
    } else {
        let values = values.map(|(value, _)| value);
        quote_spanned!(ours()=> key.group(&[#(#values),*]);)
    }
}

// The type is named where rustc says that it cannot be a key.
fn alone(root: &Path, declared: &Type, value: &TokenStream) -> TokenStream {
    let span = located_at(declared);
    quote_spanned!(span=> <#declared as #root::IntoKey>::write_key(#value, key);)
}

// Output of `enum Payer { Guest, User(u64), Company { id: u64 } }`:
//     match self {
//         Self::Guest {} => key.string("Guest"),
//         Self::User { 0: field_0 } => key.group(&[&"User", field_0]),
//         Self::Company { id: field_0 } => key.group(&[&"Company", field_0]),
//     }
fn of_enum(variants: &[Variant]) -> TokenStream {
    let arms = variants.iter().map(|Variant { name, fields }| {
        let text = name.unraw().to_string();
        let bound = bound(fields);
        let members = fields.members();
        let written = if bound.is_empty() {
            quote_spanned!(ours()=> key.string(#text))
        } else {
            quote_spanned!(ours()=> key.group(&[&#text, #(#bound),*]))
        };
        quote_spanned!(ours()=> Self::#name { #(#members: #bound),* } => #written,)
    });
    quote_spanned!(ours()=> match self { #(#arms)* })
}

/// Names for the fields of a variant.
fn bound(fields: &Fields) -> Vec<Ident> {
    let named = fields.iter().enumerate().map(|(index, field)| {
        let mut name = format_ident!("field_{index}");
        name.set_span(located_at(&field.ty));
        name
    });
    named.collect()
}
