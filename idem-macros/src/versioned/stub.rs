//! What a wrong use becomes: the mistakes, and impls that do nothing, so that what uses the entity compiles.

use proc_macro2::TokenStream;
use quote::quote_spanned;
use syn::{Ident, ItemStruct, Type};

use super::check::is_nullable;
use super::container::Container;
use super::expand::tokens::{self, ours};
use super::expand::{Ids, address_type};
use super::field::{Field, Role};
use super::parse;
use crate::errors::Errors;

pub(crate) fn stub(errors: Errors, item: &TokenStream) -> TokenStream {
    let mut tokens = errors.into_compile_errors();
    if let Some(item) = parse::outline(item).filter(|item| item.generics.params.is_empty()) {
        tokens.extend(impls(&item));
    }
    tokens
}

// Output:
//     impl ::idem::__private::entity::Versioned for Order {
//         type Address = Uuid;
//         const TABLE: … = …;
//         fn address(&self) -> Self::Address { loop {} }
//         …
//     }
//     impl<IdemDb: …> ::idem::__private::entity::Values<IdemDb> for Order { … }
//     impl ::idem::__private::entity::HasVersion for Order {}
//     impl ::idem::__private::entity::HasState<OrderStatus> for Order { … }
fn impls(item: &ItemStruct) -> TokenStream {
    let mut ignored = Errors::default();
    let name = &item.ident;
    let container = Container::parse(&mut ignored, name, &item.attrs);
    let fields: Vec<_> = item.fields.iter().filter_map(|field| Field::parse(&mut ignored, field)).collect();
    let entity = tokens::entity(&container.root);
    let address = address_type(&entity, &probable_ids(&fields));
    let mut impls = versioned(&entity, name, &address);
    impls.extend(state_types(&fields).map(|ty| state(&entity, name, ty)));
    impls
}

fn versioned(entity: &TokenStream, name: &Ident, address: &TokenStream) -> TokenStream {
    quote_spanned! {ours()=>
        #[automatically_derived]
        impl #entity::Versioned for #name {
            type Address = #address;
            const TABLE: #entity::Table =
                #entity::Table { name: "", audit: ::core::option::Option::None, columns: &[], natural: &[] };
            fn address(&self) -> Self::Address { loop {} }
            fn version(&self) -> ::core::option::Option<::core::primitive::i64> { loop {} }
            fn fixed_difference(&self, _: &Self) -> ::core::option::Option<&'static ::core::primitive::str> { loop {} }
            fn is_unchanged(&self, _: &Self) -> ::core::primitive::bool { loop {} }
        }
        #[automatically_derived]
        impl<IdemDb: #entity::Database> #entity::Values<IdemDb> for #name {
            fn bind_address(
                _: &Self::Address,
                _: &mut #entity::Arguments<IdemDb>,
            ) -> ::core::result::Result<(), #entity::BindError> { loop {} }
            fn bind(
                &self,
                _: ::core::primitive::usize,
                _: &mut #entity::Arguments<IdemDb>,
            ) -> ::core::result::Result<(), #entity::BindError> { loop {} }
        }
        #[automatically_derived]
        impl #entity::HasVersion for #name {}
    }
}

fn state(entity: &TokenStream, name: &Ident, ty: &Type) -> TokenStream {
    quote_spanned! {ours()=>
        #[automatically_derived]
        impl #entity::HasState<#ty> for #name {
            const COLUMN: ::core::primitive::usize = 0;
            const NAME: &'static ::core::primitive::str = "";
            fn state(&self) -> #ty { loop {} }
        }
    }
}

/// The ids that were meant.
fn probable_ids(fields: &[Field]) -> Ids<'_> {
    let claimed = |role: &str| fields.iter().filter(move |field| field.claims(role)).map(|field| &field.ty).collect();
    let mut ids: Vec<&Type> = claimed("id");
    if ids.is_empty() {
        ids = fields.iter().filter(|field| field.text() == "id").map(|field| &field.ty).collect();
    }
    let tenants: Vec<&Type> = claimed("tenant");
    Ids { tenant: tenants.first().copied(), ids }
}

/// The types of state fields, each once.
fn state_types(fields: &[Field]) -> impl Iterator<Item = &Type> {
    let mut seen = std::collections::HashSet::new();
    fields
        .iter()
        .filter(|field| matches!(field.role(), Some((_, Role::State(_)))))
        .map(|field| &field.ty)
        .filter(|ty| !is_nullable(ty))
        .filter(move |ty| seen.insert(quote::ToTokens::to_token_stream(ty).to_string()))
}
