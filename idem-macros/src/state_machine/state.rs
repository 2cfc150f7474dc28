//! The options of `#[state]`.

use proc_macro2::Ident;
use syn::parse::Parse;
use syn::{Lit, Variant};

use super::suggest::{self, STATE};
use super::value::Entry;
use crate::errors::Errors;
use crate::opt::Opt;
use crate::options::entries;

/// The options, each of the right form. What a code may be is checked with all codes at hand.
#[derive(Default)]
pub(crate) struct StateOptions {
    pub(crate) is_final: Opt<Ident>,
    pub(crate) code: Opt<Lit>,
    pub(crate) aliases: Vec<Lit>,
    pub(crate) allow_unreachable: Opt<Ident>,
    /// Whether it says that the state is the initial one, which was reported.
    pub(crate) is_initial: bool,
}

impl StateOptions {
    /// Reads all `#[state(…)]` on the variant.
    pub(crate) fn parse(errors: &mut Errors, variant: &Variant) -> Self {
        let mut options = Self::default();
        for entry in entries(errors, &variant.attrs, &STATE) {
            options.read(errors, &entry, variant);
        }
        options
    }

    fn read(&mut self, errors: &mut Errors, entry: &Entry, variant: &Variant) {
        match entry.name.to_string().as_str() {
            "final" => entry.flag(errors, &mut self.is_final),
            "code" => entry.assigned(errors, &mut self.code, "a literal"),
            "alias" => self.aliases.extend(entry.read(errors, Lit::parse, "a literal")),
            "allow" => entry.called(errors, "unreachable", &mut self.allow_unreachable),
            "initial" => {
                self.is_initial = true;
                errors.on(
                    &entry.name,
                    format_args!(
                        "which state is the initial one is about the machine\nhelp: write `#[state_machine(initial = {})]` \
                         above the enum",
                        variant.ident
                    ),
                );
            }
            _ => suggest::unknown_option(errors, entry),
        }
    }
}
