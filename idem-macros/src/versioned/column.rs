//! A column of the table, as all that is written of it needs it.

use proc_macro2::Ident;
use syn::{Path, Type};

use super::container::Container;
use super::field::{Field, Mark, Role};

/// A column.
pub(crate) struct Column {
    /// The field.
    pub(crate) member: Ident,
    /// The field's name without `r#`.
    pub(crate) field: String,
    pub(crate) ty: Type,
    /// The name of the column.
    pub(crate) name: String,
    pub(crate) role: Role,
    pub(crate) comparison: Comparison,
    pub(crate) storage: Storage,
    /// Part of the key by which a row is known before it has an id.
    pub(crate) is_natural: bool,
}

/// What a change of the field is.
pub(crate) enum Comparison {
    /// Another value.
    Value,
    /// What the function says.
    With(Path),
    /// Nothing is.
    Never,
    /// Every draft is.
    Always,
}

/// What of the field is stored.
pub(crate) enum Storage {
    /// The value.
    Plain,
    /// The value, converted.
    Converted(Type),
    /// The value, as JSON.
    Json,
    /// The value, converted, as JSON.
    ConvertedJson(Type),
    /// The value of an `Option` as JSON, or NULL.
    NullableJson,
}

impl Column {
    /// What becomes of a field that was checked; `None` if it is no column.
    pub(crate) fn of(container: &Container, field: &Field) -> Option<Self> {
        field.is_column().then(|| Self {
            member: field.name.clone(),
            field: field.text(),
            ty: field.ty.clone(),
            name: name(container, field),
            role: field.role().map_or(Role::Data, |(_, role)| role.clone()),
            comparison: comparison(field),
            storage: storage(field),
            is_natural: field.find(|mark| matches!(mark, Mark::Unique)).is_some(),
        })
    }
}

/// The name of the field's column.
pub(crate) fn name(container: &Container, field: &Field) -> String {
    let name = field.text();
    match (&field.sqlx.rename, container.rename_all) {
        (Some(rename), _) => rename.value(),
        (None, Some(case)) => case.apply(&name),
        (None, None) => name,
    }
}

fn comparison(field: &Field) -> Comparison {
    let chosen = field.marks.iter().find_map(|marked| match &marked.mark {
        Mark::Compare(path) => Some(Comparison::With(path.clone())),
        Mark::IgnoreChange => Some(Comparison::Never),
        Mark::AlwaysWrite => Some(Comparison::Always),
        Mark::Role(_) | Mark::Unique | Mark::Skip => None,
    });
    chosen.unwrap_or(Comparison::Value)
}

fn storage(field: &Field) -> Storage {
    match (&field.sqlx.json, field.sqlx.try_from.clone()) {
        (None, None) => Storage::Plain,
        (None, Some(ty)) => Storage::Converted(ty),
        (Some(json), _) if json.nullable.is_some() => Storage::NullableJson,
        (Some(_), None) => Storage::Json,
        (Some(_), Some(ty)) => Storage::ConvertedJson(ty),
    }
}
