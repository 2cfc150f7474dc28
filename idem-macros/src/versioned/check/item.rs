//! What the derive may stand on.

use syn::{Fields, Item, ItemStruct};

use crate::errors::Errors;

const NAMED_FIELDS: &str = "`Versioned` needs named fields, because each field names a column; write them as in \
                            `struct Order { id: i64 }`";

pub(crate) fn check_no_struct(errors: &mut Errors, item: &Item) {
    let only = "`Versioned` can only be derived for a struct";
    match item {
        Item::Enum(item) => {
            errors.on(&item.ident, format_args!("{only}; for the enum of a status column, derive `StateMachine`"));
        }
        Item::Union(item) => errors.on(&item.ident, only),
        item => errors.on(item, only),
    }
}

/// Says whether the fields have names.
pub(crate) fn check_tuple_struct(errors: &mut Errors, item: &ItemStruct) -> bool {
    match &item.fields {
        Fields::Named(_) => return true,
        Fields::Unnamed(fields) => errors.on(fields, NAMED_FIELDS),
        Fields::Unit => errors.on(&item.ident, NAMED_FIELDS),
    }
    false
}

pub(super) fn check_generic_struct(errors: &mut Errors, item: &ItemStruct) {
    if !item.generics.params.is_empty() {
        errors.on(
            &item.generics,
            "an entity cannot be generic, because its table and its columns are fixed; write a struct for each table",
        );
    }
}
