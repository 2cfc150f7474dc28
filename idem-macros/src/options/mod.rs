//! The options of attributes: which there are, how they are written, and what was probably meant by one that there is not.

mod entry;

use proc_macro2::Ident;
use quote::ToTokens;

use crate::closest::closest;
use crate::errors::Errors;
use crate::text::quoted;

pub(crate) use entry::{Entry, Value, arguments, assigned, each, entries, peel, read, up_to_comma};

/// The options that may stand in one place.
pub(crate) struct Options {
    /// The attribute that they stand in.
    pub(crate) attribute: &'static str,
    /// What they are options of, as in ` of a field`; empty if that needs no words.
    pub(crate) of: &'static str,
    /// Each option, and how it is written.
    pub(crate) known: &'static [(&'static str, &'static str)],
    /// Names that other libraries use, and what they are called here.
    pub(crate) synonyms: &'static [(&'static [&'static str], &'static str)],
}

impl Options {
    /// How the option `name` is written, if there is one of that name.
    pub(crate) fn example(&self, name: &str) -> Option<&'static str> {
        self.known.iter().find(|(option, _)| *option == name).map(|(_, example)| *example)
    }

    /// The option that others call `name`.
    pub(crate) fn synonym(&self, name: &str) -> Option<&'static str> {
        self.synonyms.iter().find(|(names, _)| names.contains(&name)).map(|(_, option)| *option)
    }

    /// The option that was probably meant by `name`.
    pub(crate) fn meant(&self, name: &str) -> Option<&'static str> {
        self.synonym(name).or_else(|| closest(name, self.known.iter().map(|(option, _)| *option)))
    }

    /// The names of all options.
    pub(crate) fn names(&self) -> String {
        quoted(self.known.iter().map(|(option, _)| option))
    }

    /// A sentence that lists all options.
    pub(crate) fn listed(&self) -> String {
        format!("the options{} are {}", self.of, self.names())
    }

    /// Reports an option that there is not; and says which one was probably meant.
    pub(crate) fn unknown(&self, errors: &mut Errors, name: &Ident) -> Option<&'static str> {
        let meant = self.meant(&name.to_string());
        match meant.and_then(|meant| self.example(meant)) {
            Some(example) => errors.on(name, format_args!("unknown option `{name}`; did you mean `{example}`?")),
            None => errors.on(name, format_args!("unknown option `{name}`; {}", self.listed())),
        }
        meant
    }

    /// Reports that no value stands behind `name`. A name that is no option is reported when it is read.
    pub(crate) fn no_value(&self, errors: &mut Errors, name: &Ident) {
        if let Some(example) = self.example(&name.to_string()) {
            errors.on(name, format_args!("`{name}` has no value; write `{example}`"));
        }
    }

    /// Reports what stands behind `name` and is no value. A name that is no option is reported when it is read.
    pub(crate) fn not_like_this(&self, errors: &mut Errors, name: &Ident, rest: &impl ToTokens) {
        if let Some(example) = self.example(&name.to_string()) {
            errors.on(rest, format_args!("`{name}` is not written like this; write `{example}`"));
        }
    }
}
