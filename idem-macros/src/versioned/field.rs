//! The options of a field, one arm each.

use proc_macro2::Ident;
use syn::ext::IdentExt;
use syn::{LitStr, Path, Type};

use super::sqlx;
use super::suggest::{self, FIELD};
use super::value::{self, Entry};
use crate::errors::Errors;
use crate::options::{Value, entries};

/// A field, as it was written.
pub(crate) struct Field {
    pub(crate) name: Ident,
    pub(crate) ty: Type,
    pub(crate) marks: Vec<Marked>,
    /// Options that were probably meant by something wrong, which was reported; they are not missing as well.
    pub(crate) meant: Vec<String>,
    pub(crate) sqlx: sqlx::Field,
}

/// An option of `#[versioned(…)]`.
pub(crate) struct Marked {
    pub(crate) name: Ident,
    pub(crate) mark: Mark,
}

/// What the option says.
#[derive(Clone)]
pub(crate) enum Mark {
    Role(Role),
    Unique,
    IgnoreChange,
    AlwaysWrite,
    Compare(Path),
    Skip,
}

/// What a column is for. One that says nothing is data.
#[derive(Clone)]
pub(crate) enum Role {
    Id,
    /// An id that the database makes.
    GeneratedId,
    Tenant,
    /// The name that tells it from other states, if it has one.
    State(Option<LitStr>),
    Version,
    Data,
    Readonly,
    Generated,
    CreatedAt,
    UpdatedAt,
    SoftDelete,
}

impl Field {
    /// Reads the attributes of a field.
    pub(crate) fn parse(errors: &mut Errors, field: &syn::Field) -> Option<Self> {
        let name = field.ident.clone()?;
        let mut parsed = Self {
            name,
            ty: field.ty.clone(),
            marks: Vec::new(),
            meant: Vec::new(),
            sqlx: sqlx::Field::parse(errors, &field.attrs),
        };
        for entry in entries(errors, &field.attrs, &FIELD) {
            parsed.read(errors, entry);
        }
        parsed.join_generated_id();
        Some(parsed)
    }

    /// An id that the database makes is one role, though it is said in two words.
    fn join_generated_id(&mut self) {
        let place = |wanted: fn(&Role) -> bool| {
            self.marks.iter().position(|marked| matches!(&marked.mark, Mark::Role(role) if wanted(role)))
        };
        let id = place(|role| matches!(role, Role::Id));
        let generated = place(|role| matches!(role, Role::Generated));
        if let (Some(id), Some(generated)) = (id, generated) {
            self.marks[id].mark = Mark::Role(Role::GeneratedId);
            self.marks.remove(generated);
        }
    }

    fn read(&mut self, errors: &mut Errors, entry: Entry) {
        match mark(errors, &entry) {
            Ok(_) if self.marks.iter().any(|marked| marked.name == entry.name) => {
                errors.on(&entry.name, format_args!("`{}` is set twice; keep one of them", entry.name));
            }
            Ok(mark) => self.marks.push(Marked { name: entry.name, mark }),
            Err(meant) => self.meant.push(meant),
        }
    }

    /// The name, as it is without `r#`.
    pub(crate) fn text(&self) -> String {
        self.name.unraw().to_string()
    }

    /// The first option whose mark is meant.
    pub(crate) fn find(&self, is_meant: impl Fn(&Mark) -> bool) -> Option<&Marked> {
        self.marks.iter().find(|marked| is_meant(&marked.mark))
    }

    /// The option that says what the field is for.
    pub(crate) fn role(&self) -> Option<(&Ident, &Role)> {
        self.marks.iter().find_map(|marked| match &marked.mark {
            Mark::Role(role) => Some((&marked.name, role)),
            _ => None,
        })
    }

    /// Whether the field is `role`, or was meant to be.
    pub(crate) fn claims(&self, role: &str) -> bool {
        self.marks.iter().any(|marked| marked.name == role) || self.meant.iter().any(|meant| meant == role)
    }

    /// Whether the field is a column of the table.
    pub(crate) fn is_column(&self) -> bool {
        self.sqlx.skip.is_none() && self.find(|mark| matches!(mark, Mark::Skip)).is_none()
    }
}

/// What an entry says; if it is wrong, which was reported, what was probably meant.
fn mark(errors: &mut Errors, entry: &Entry) -> Result<Mark, String> {
    let name = entry.name.to_string();
    let mark = match name.as_str() {
        "id" => Mark::Role(Role::Id),
        "tenant" => Mark::Role(Role::Tenant),
        "state" => return state(errors, entry).map(Mark::Role).ok_or(name),
        "version" => Mark::Role(Role::Version),
        "generated" => Mark::Role(Role::Generated),
        "readonly" => Mark::Role(Role::Readonly),
        "created_at" => Mark::Role(Role::CreatedAt),
        "updated_at" => Mark::Role(Role::UpdatedAt),
        "soft_delete" => Mark::Role(Role::SoftDelete),
        "unique" => Mark::Unique,
        "ignore_change" => Mark::IgnoreChange,
        "always_write" => Mark::AlwaysWrite,
        "skip" => Mark::Skip,
        "compare" => return value::path(errors, entry).map(Mark::Compare).ok_or(name),
        _ => return Err(suggest::unknown_option(errors, entry).unwrap_or_default().to_owned()),
    };
    value::flag(errors, entry).map(|()| mark).ok_or(name)
}

/// `state` or `state = "payment"`; `None` if the name is wrong.
fn state(errors: &mut Errors, entry: &Entry) -> Option<Role> {
    if matches!(entry.value, Value::Absent) {
        return Some(Role::State(None));
    }
    let name = value::string(errors, entry)?;
    let text = name.value();
    let is_plain = |character: char| character.is_ascii_alphanumeric() || character == '_';
    if text.is_empty() || !text.chars().all(is_plain) {
        errors.on(&name, "the name of a state is made of letters, digits and `_`, as in `state = \"payment\"`");
        return None;
    }
    Some(Role::State(Some(name)))
}
