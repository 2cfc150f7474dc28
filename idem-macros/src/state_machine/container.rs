//! The options of `#[state_machine]`.

use proc_macro2::Ident;
use syn::{Attribute, LitStr, Path, Type, parse_quote};

use super::suggest::{self, CONTAINER};
use super::value::Entry;
use crate::errors::Errors;
use crate::opt::Opt;
use crate::options::entries;

/// The options, each of the right form.
pub(crate) struct Container {
    pub(crate) initial: Opt<Ident>,
    pub(crate) rename_all: Option<LitStr>,
    pub(crate) store: Option<LitStr>,
    pub(crate) entity: Option<Type>,
    pub(crate) is_strict: bool,
    pub(crate) root: Path,
}

#[derive(Default)]
struct Draft {
    initial: Opt<Ident>,
    /// The first `initial`, for the report of a second one.
    first_initial: Option<Ident>,
    rename_all: Opt<LitStr>,
    store: Opt<LitStr>,
    entity: Opt<Type>,
    strict: Opt<Ident>,
    root: Opt<Path>,
}

impl Container {
    /// Reads all `#[state_machine(…)]` among `attributes`.
    pub(crate) fn parse(errors: &mut Errors, attributes: &[Attribute]) -> Self {
        let mut draft = Draft::default();
        for entry in entries(errors, attributes, &CONTAINER) {
            draft.read(errors, &entry);
        }
        Self {
            initial: draft.initial,
            rename_all: draft.rename_all.optional(),
            store: draft.store.optional(),
            entity: draft.entity.optional(),
            is_strict: draft.strict.is_set(),
            root: draft.root.optional().unwrap_or_else(|| parse_quote!(::idem)),
        }
    }
}

impl Draft {
    fn read(&mut self, errors: &mut Errors, entry: &Entry) {
        match entry.name.to_string().as_str() {
            "initial" => self.initial(errors, entry),
            "rename_all" => entry.assigned(errors, &mut self.rename_all, "a string literal"),
            "store" => entry.assigned(errors, &mut self.store, "a string literal"),
            "entity" => entry.assigned(errors, &mut self.entity, "a type"),
            "strict" => entry.flag(errors, &mut self.strict),
            "crate" => entry.assigned(errors, &mut self.root, "a path"),
            name => {
                suggest::unknown_option(errors, entry);
                if entry.options.meant(name) == Some("initial") {
                    self.initial.not_missing();
                }
            }
        }
    }

    fn initial(&mut self, errors: &mut Errors, entry: &Entry) {
        if let Some(first) = &self.first_initial {
            errors.on(&entry.name, "duplicate `initial`");
            errors.on(first, "first set here");
            return;
        }
        self.first_initial = Some(entry.name.clone());
        entry.assigned(errors, &mut self.initial, "the name of a state");
    }
}
