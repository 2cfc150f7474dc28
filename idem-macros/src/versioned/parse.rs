//! What the derive was written on.

use proc_macro2::{Ident, TokenStream};
use syn::{Fields, Item, ItemStruct, LitStr, Path};

use super::check;
use super::column::Column;
use super::container::Container;
use super::field::Field;
use crate::errors::Errors;

/// A valid use of the derive.
pub(crate) struct Entity {
    pub(crate) name: Ident,
    pub(crate) root: Path,
    pub(crate) table: LitStr,
    pub(crate) audit: Option<LitStr>,
    pub(crate) columns: Vec<Column>,
}

impl Entity {
    /// Reads the struct and its fields, and reports all that is wrong with them.
    pub(crate) fn parse(item: &TokenStream) -> Result<Self, Errors> {
        let mut errors = Errors::default();
        let Some(item) = structure(&mut errors, item) else {
            return errors.finish(None);
        };
        let container = Container::parse(&mut errors, &item.ident, &item.attrs);
        let fields: Vec<_> = item.fields.iter().filter_map(|field| Field::parse(&mut errors, field)).collect();
        check::check(&mut errors, &item, &container, &fields);
        let columns = fields.iter().filter_map(|field| Column::of(&container, field)).collect();
        let Container { table, audit, root, .. } = container;
        errors.finish(table.map(|table| Self { name: item.ident, root, table, audit, columns }))
    }
}

/// The item, if it is a struct with named fields.
fn structure(errors: &mut Errors, item: &TokenStream) -> Option<ItemStruct> {
    match syn::parse2(item.clone()) {
        Ok(Item::Struct(item)) => check::check_tuple_struct(errors, &item).then_some(item),
        Ok(item) => {
            check::check_no_struct(errors, &item);
            None
        }
        Err(error) => {
            errors.push(error);
            None
        }
    }
}

/// The name and the fields of what the derive was written on, whatever is wrong with it.
pub(crate) fn outline(item: &TokenStream) -> Option<ItemStruct> {
    match syn::parse2(item.clone()) {
        Ok(Item::Struct(item)) if matches!(item.fields, Fields::Named(_)) => Some(item),
        _ => None,
    }
}
