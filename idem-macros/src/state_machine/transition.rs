//! `#[transition(…)]`: an arrow, and what holds for it.

use proc_macro2::{Ident, TokenStream};
use syn::parse::{ParseStream, Parser};
use syn::{Attribute, LitStr, Path};

use super::arrow::{self, Arrow};
use super::guard_sql;
use super::suggest::{self, TRANSITION};
use super::value::Entry;
use crate::closest::closest;
use crate::errors::Errors;
use crate::opt::Opt;
use crate::options;

/// One `#[transition(…)]`, of the right form.
pub(crate) struct Transition {
    pub(crate) arrow: Arrow,
    pub(crate) guard: Option<Path>,
    pub(crate) guard_sql: Option<LitStr>,
    pub(crate) audit: Option<Ident>,
    pub(crate) fence: Option<Fence>,
    pub(crate) reenter: Option<Ident>,
    pub(crate) allow_refire: Option<Ident>,
}

/// What keeps a late retry of an event from firing it again, where it was written.
#[derive(Clone)]
pub(crate) enum Fence {
    Version(Ident),
    Key(Ident),
}

#[derive(Default)]
struct Draft {
    guard: Opt<Path>,
    guard_sql: Opt<LitStr>,
    audit: Opt<Ident>,
    fence: Opt<Ident>,
    reenter: Opt<Ident>,
    allow_refire: Opt<Ident>,
}

/// Reads all transitions. A broken one is reported and left out.
pub(crate) fn all(errors: &mut Errors, attributes: &[Attribute]) -> Vec<Transition> {
    let message = "write `#[transition(pay: Unpaid => Paid)]`";
    let mut transitions = Vec::new();
    for list in options::arguments(errors, attributes, TRANSITION.attribute, message) {
        let end = list.delimiter.span().close();
        let mut parsed: Option<(Arrow, TokenStream)> = None;
        let parser = |input: ParseStream<'_>| {
            let arrow = arrow::parse(errors, input, end)?;
            let options = input.parse()?;
            parsed = arrow.map(|arrow| (arrow, options));
            Ok(())
        };
        if let Err(error) = parser.parse2(list.tokens.clone()) {
            errors.push(error);
        }
        transitions.extend(parsed.map(|(arrow, options)| transition(errors, arrow, &options)));
    }
    transitions
}

fn transition(errors: &mut Errors, arrow: Arrow, options: &TokenStream) -> Transition {
    let mut draft = Draft::default();
    for entry in options::read(errors, options, &TRANSITION) {
        draft.read(errors, &entry);
    }
    Transition {
        arrow,
        guard: draft.guard.optional(),
        guard_sql: draft.guard_sql.optional().filter(|condition| guard_sql::check(errors, condition)),
        audit: draft.audit.optional(),
        fence: draft.fence.optional().and_then(|fence| Fence::parse(errors, fence)),
        reenter: draft.reenter.optional(),
        allow_refire: draft.allow_refire.optional(),
    }
}

impl Draft {
    fn read(&mut self, errors: &mut Errors, entry: &Entry) {
        match entry.name.to_string().as_str() {
            "guard" => entry.assigned(errors, &mut self.guard, "the path of a function"),
            "guard_sql" => entry.assigned(errors, &mut self.guard_sql, "a string literal"),
            "audit" => entry.flag(errors, &mut self.audit),
            "fence" => entry.word(errors, &mut self.fence, "`version` or `key`"),
            "reenter" => entry.flag(errors, &mut self.reenter),
            "allow" => entry.called(errors, "refire", &mut self.allow_refire),
            _ => suggest::unknown_option(errors, entry),
        }
    }
}

impl Fence {
    fn parse(errors: &mut Errors, word: Ident) -> Option<Self> {
        let text = word.to_string();
        match text.as_str() {
            "version" => Some(Self::Version(word)),
            "key" => Some(Self::Key(word)),
            _ => {
                let meant = closest(&text, ["version", "key"]);
                let help = meant.map_or_else(String::new, |meant| format!("\nhelp: did you mean `{meant}`?"));
                errors.on(&word, format_args!("unknown fence `{text}`{help}\nnote: fences: `version`, `key`"));
                None
            }
        }
    }

    /// The word.
    pub(crate) fn word(&self) -> &Ident {
        let (Self::Version(word) | Self::Key(word)) = self;
        word
    }

    /// Whether both are fences of one kind.
    pub(crate) fn is_like(&self, other: &Self) -> bool {
        std::mem::discriminant(self) == std::mem::discriminant(other)
    }
}
