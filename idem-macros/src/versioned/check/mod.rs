//! The rules across the struct and its fields. Each is one function here and one file in `tests/ui/versioned`.

mod item;
mod entity;
mod role;
mod field;
mod types;

use syn::{GenericArgument, Ident, ItemStruct, PathArguments, PathSegment, Type};

use super::container::Container;
use super::field::Field;
use crate::errors::Errors;

pub(crate) use item::{check_no_struct, check_tuple_struct};

/// Checks the whole struct.
pub(crate) fn check(errors: &mut Errors, item: &ItemStruct, container: &Container, fields: &[Field]) {
    item::check_generic_struct(errors, item);
    for field in fields {
        role::check(errors, field);
        field::check(errors, container, field);
        types::check(errors, field);
    }
    entity::check(errors, &item.ident, container, fields);
}

/// Two mistakes of which each is one because of the other.
fn conflict(errors: &mut Errors, first: &Ident, second: &Ident, message: &str) {
    errors.on(second, message);
    errors.on(first, "first declared here");
}

/// The last segment of a type that is a path.
fn last_segment(ty: &Type) -> Option<&PathSegment> {
    match ty {
        Type::Path(path) => path.path.segments.last(),
        Type::Group(group) => last_segment(&group.elem),
        Type::Paren(paren) => last_segment(&paren.elem),
        _ => None,
    }
}

/// Whether values of the type may be NULL.
pub(crate) fn is_nullable(ty: &Type) -> bool {
    in_option(ty).is_some()
}

/// Whether the type is a float, or an `Option` of one.
pub(crate) fn is_float(ty: &Type) -> bool {
    match in_option(ty) {
        Some(ty) => is_float(ty),
        None => last_segment(ty).is_some_and(|segment| segment.ident == "f32" || segment.ident == "f64"),
    }
}

/// What is in an `Option`.
fn in_option(ty: &Type) -> Option<&Type> {
    let segment = last_segment(ty).filter(|segment| segment.ident == "Option")?;
    let PathArguments::AngleBracketed(arguments) = &segment.arguments else { return None };
    match arguments.args.first() {
        Some(GenericArgument::Type(ty)) => Some(ty),
        _ => None,
    }
}
