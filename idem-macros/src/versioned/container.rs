//! The options of the struct, one arm each.

use proc_macro2::Ident;
use syn::{Attribute, LitStr, Path, parse_quote};

use super::suggest::{self, CONTAINER};
use super::value::{self, Entry};
use super::{name, sqlx};
use crate::case::Case;
use crate::errors::Errors;
use crate::opt::Opt;
use crate::options::entries;

/// The options of the struct, each of the right form.
pub(crate) struct Container {
    /// `None` if it is missing or wrong, which was reported.
    pub(crate) table: Option<LitStr>,
    pub(crate) audit: Option<LitStr>,
    /// The option's name, if it is set.
    pub(crate) last_write_wins: Option<Ident>,
    pub(crate) root: Path,
    /// Of `#[sqlx(…)]`.
    pub(crate) rename_all: Option<Case>,
    /// Of `#[sqlx(…)]`.
    pub(crate) default: bool,
}

#[derive(Default)]
struct Draft {
    table: Opt<LitStr>,
    audit: Opt<LitStr>,
    last_write_wins: Opt<Ident>,
    root: Opt<Path>,
}

impl Container {
    /// Reads the attributes of the struct that is called `name`.
    pub(crate) fn parse(errors: &mut Errors, name: &Ident, attributes: &[Attribute]) -> Self {
        let mut draft = Draft::default();
        for entry in entries(errors, attributes, &CONTAINER) {
            draft.read(errors, &entry);
        }
        let sqlx::Container { rename_all, default } = sqlx::Container::parse(errors, attributes);
        let table = draft.table.required(|| missing_table(errors, name));
        Self {
            table,
            audit: draft.audit.optional(),
            last_write_wins: draft.last_write_wins.optional(),
            root: draft.root.optional().unwrap_or_else(|| parse_quote!(::idem)),
            rename_all,
            default,
        }
    }
}

fn missing_table(errors: &mut Errors, name: &Ident) {
    let table = name::table_of(&name.to_string());
    errors.on(name, format_args!("`{name}` names no table; write `#[versioned(table = \"{table}\")]`"));
}

impl Draft {
    fn read(&mut self, errors: &mut Errors, entry: &Entry) {
        let name = &entry.name;
        match name.to_string().as_str() {
            "table" => {
                let table = value::string(errors, entry).and_then(|table| name::table(errors, table));
                self.table.set(errors, name, table);
            }
            "audit" => {
                let table = value::string(errors, entry).and_then(|table| name::table(errors, table));
                self.audit.set(errors, name, table);
            }
            "last_write_wins" => {
                let flag = value::flag(errors, entry).map(|()| name.clone());
                self.last_write_wins.set(errors, name, flag);
            }
            "crate" => {
                let root = value::path(errors, entry);
                self.root.set(errors, name, root);
            }
            _ => {
                if suggest::unknown_option(errors, entry) == Some("table") {
                    self.table.not_missing();
                }
            }
        }
    }
}
