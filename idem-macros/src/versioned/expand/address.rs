//! What addresses a row.

use proc_macro2::{Ident, TokenStream};
use quote::quote_spanned;
use syn::{Index, Type};

use super::bind;
use super::tokens::ours;
use crate::versioned::column::Column;
use crate::versioned::field::Role;

/// The types of a tenant and of ids.
pub(crate) struct Ids<'t> {
    pub(crate) tenant: Option<&'t Type>,
    pub(crate) ids: Vec<&'t Type>,
}

/// Those of an entity.
pub(super) fn ids(columns: &[Column]) -> Ids<'_> {
    Ids {
        tenant: tenant(columns).map(|column| &column.ty),
        ids: id_columns(columns).map(|column| &column.ty).collect(),
    }
}

fn tenant(columns: &[Column]) -> Option<&Column> {
    columns.iter().find(|column| matches!(column.role, Role::Tenant))
}

fn id_columns(columns: &[Column]) -> impl Iterator<Item = &Column> {
    columns.iter().filter(|column| matches!(column.role, Role::Id | Role::GeneratedId))
}

// Output:
//     Uuid
//
// Output of two ids and a tenant:
//     ::idem::__private::entity::InTenant<Uuid, (i64, i64)>
pub(crate) fn address_type(entity: &TokenStream, Ids { tenant, ids }: &Ids<'_>) -> TokenStream {
    let id = match &ids[..] {
        [id] => quote_spanned!(ours()=> #id),
        ids => quote_spanned!(ours()=> (#(#ids),*)),
    };
    match tenant {
        Some(tenant) => quote_spanned!(ours()=> #entity::InTenant<#tenant, #id>),
        None => id,
    }
}

// Output:
//     ::core::clone::Clone::clone(&self.id)
//
// Output of two ids and a tenant:
//     ::idem::__private::entity::InTenant(
//         ::core::clone::Clone::clone(&self.tenant),
//         (::core::clone::Clone::clone(&self.region), ::core::clone::Clone::clone(&self.number)),
//     )
pub(super) fn address(entity: &TokenStream, columns: &[Column]) -> TokenStream {
    let clone = |member: &Ident| quote_spanned!(ours()=> ::core::clone::Clone::clone(&self.#member));
    let ids: Vec<_> = id_columns(columns).map(|column| clone(&column.member)).collect();
    let id = match &ids[..] {
        [id] => id.clone(),
        ids => quote_spanned!(ours()=> (#(#ids),*)),
    };
    match tenant(columns).map(|column| clone(&column.member)) {
        Some(tenant) => quote_spanned!(ours()=> #entity::InTenant(#tenant, #id)),
        None => id,
    }
}

// Output:
//     ::idem::__private::entity::add::<IdemDb, Uuid>(arguments, address)?;
//
// Output of two ids and a tenant:
//     ::idem::__private::entity::add::<IdemDb, Uuid>(arguments, &address.0)?;
//     ::idem::__private::entity::add::<IdemDb, i64>(arguments, &address.1.0)?;
//     ::idem::__private::entity::add::<IdemDb, i64>(arguments, &address.1.1)?;
pub(super) fn bound(entity: &TokenStream, columns: &[Column]) -> TokenStream {
    let tenant = tenant(columns).map(|column| (column, quote_spanned!(ours()=> &address.0)));
    let count = id_columns(columns).count();
    let ids = id_columns(columns).zip(0..).map(|(column, index)| {
        let position = Index { index, span: ours() };
        let id = match (tenant.is_some(), count) {
            (false, 1) => quote_spanned!(ours()=> address),
            (false, _) => quote_spanned!(ours()=> &address.#position),
            (true, 1) => quote_spanned!(ours()=> &address.1),
            (true, _) => quote_spanned!(ours()=> &address.1.#position),
        };
        (column, id)
    });
    let parts = tenant.iter().cloned().chain(ids).map(|(column, value)| bind::bound(entity, column, &value));
    quote_spanned!(ours()=> #(#parts?;)*)
}
