//! The type below the derive: what tells its values apart.

use proc_macro2::{Ident, TokenStream};
use syn::{Attribute, Fields, Generics, Item, ItemEnum, ItemStruct, Member, Path, Type, parse_quote};

use crate::errors::Errors;
use crate::opt::Opt;
use crate::options::{Options, Value, entries};

const OPTIONS: Options = Options {
    attribute: "into_key",
    of: "",
    known: &[("crate", "crate = my_crate::idem")],
    synonyms: &[(&["idem_crate", "krate"], "crate")],
};

/// A type whose values are keys.
pub(crate) struct KeyType {
    pub(crate) name: Ident,
    pub(crate) generics: Generics,
    pub(crate) shape: Shape,
    pub(crate) root: Path,
}

/// What a value is made of.
pub(crate) enum Shape {
    Struct(Vec<Part>),
    Enum(Vec<Variant>),
}

/// One field.
pub(crate) struct Part {
    pub(crate) member: Member,
    pub(crate) declared: Type,
}

/// One variant, and the names of its fields.
pub(crate) struct Variant {
    pub(crate) name: Ident,
    pub(crate) fields: Fields,
}

impl KeyType {
    /// Reads the type, and reports what cannot be a key.
    pub(crate) fn parse(item: &TokenStream) -> Result<Self, Errors> {
        let mut errors = Errors::default();
        let item = syn::parse2(item.clone()).map_err(|error| errors.push(error)).ok();
        let key = item.and_then(|item| of_item(&mut errors, item));
        errors.finish(key)
    }
}

fn of_item(errors: &mut Errors, item: Item) -> Option<KeyType> {
    match item {
        Item::Struct(ItemStruct { ident, generics, fields, attrs, .. }) => {
            let root = root(errors, &attrs);
            check_has_fields(errors, &ident, &fields);
            Some(KeyType { name: ident, generics, shape: Shape::Struct(parts(&fields)), root })
        }
        Item::Enum(ItemEnum { ident, generics, variants, attrs, .. }) => {
            let root = root(errors, &attrs);
            if variants.is_empty() {
                errors.on(&ident, format_args!("`{ident}` has no variants, and so no values that could be keys"));
            }
            let variants = variants.into_iter().map(|variant| Variant { name: variant.ident, fields: variant.fields });
            Some(KeyType { name: ident, generics, shape: Shape::Enum(variants.collect()), root })
        }
        Item::Union(item) => {
            errors.on(&item.union_token, "a union does not say which of its fields it holds; use a struct or an enum");
            None
        }
        // A derive stands on nothing else.
        _ => None,
    }
}

fn check_has_fields(errors: &mut Errors, name: &Ident, fields: &Fields) {
    if fields.is_empty() {
        errors.on(name, format_args!("`{name}` has no fields, so all its values would be one key"));
    }
}

fn root(errors: &mut Errors, attributes: &[Attribute]) -> Path {
    let mut root = Opt::<Path>::default();
    for entry in entries::<Path>(errors, attributes, &OPTIONS) {
        match (entry.name.to_string().as_str(), entry.value) {
            ("crate", Value::Assigned(path)) => root.set(errors, &entry.name, Some(path)),
            ("crate", Value::Wrong) => {}
            ("crate", _) => OPTIONS.no_value(errors, &entry.name),
            _ => {
                OPTIONS.unknown(errors, &entry.name);
            }
        }
    }
    root.optional().unwrap_or_else(|| parse_quote!(::idem))
}

fn parts(fields: &Fields) -> Vec<Part> {
    fields.members().zip(fields).map(|(member, field)| Part { member, declared: field.ty.clone() }).collect()
}
