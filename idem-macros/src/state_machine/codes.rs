//! What is stored for each state.

use std::collections::HashSet;

use proc_macro2::{Ident, Span};
use syn::Lit;
use syn::ext::IdentExt;

use super::item::{DeclaredState, Item};
use super::machine::{Code, Store};
use super::number::{does_not_fit, fitting, number_code};
use crate::case::Case;
use crate::errors::Errors;

/// What is stored for one state.
pub(crate) struct StateCodes {
    pub(crate) code: Code,
    pub(crate) aliases: Vec<Code>,
}

/// A code or an alias, and where it was written.
struct Given<'a> {
    state: &'a Ident,
    code: Code,
    span: Span,
    is_alias: bool,
}

/// The codes of all states, in their order. A state whose code is wrong, which is reported, has one that is of no use.
pub(crate) fn codes(errors: &mut Errors, item: &Item) -> (Store, Vec<StateCodes>) {
    let store = Store::of(errors, item);
    let case = Case::of(errors, item);
    if let (Some(rename_all), Store::Int16 | Store::Int32) = (&item.container.rename_all, store) {
        errors.on(
            rename_all,
            format_args!("`rename_all` is for texts, and with `store = \"{store}\"` numbers are stored"),
        );
    }
    let mut given = Vec::new();
    let mut codes = Vec::new();
    let mut lacks_value = false;
    for state in &item.states {
        let code = match store {
            Store::Text => text_code(errors, state, case),
            Store::Int16 | Store::Int32 => number_code(errors, state, store, &mut lacks_value),
        };
        let aliases = aliases(errors, state, store);
        let own = code.iter().map(|code| (code, false)).chain(aliases.iter().map(|alias| (alias, true)));
        given.extend(own.map(|((code, span), is_alias)| Given {
            state: &state.name,
            code: code.clone(),
            span: *span,
            is_alias,
        }));
        let code = code.map_or_else(|| placeholder(store, codes.len()), |(code, _)| code);
        codes.push(StateCodes { code, aliases: aliases.into_iter().map(|(code, _)| code).collect() });
    }
    check_distinct(errors, &given);
    (store, codes)
}

/// What stands for a code that is wrong.
fn placeholder(store: Store, index: usize) -> Code {
    match store {
        Store::Text => Code::Text(format!("?{index}")),
        Store::Int16 | Store::Int32 => Code::Number(i64::try_from(index).unwrap_or(i64::MAX)),
    }
}

fn text_code(errors: &mut Errors, state: &DeclaredState, case: Option<Case>) -> Option<(Code, Span)> {
    if let Some(literal) = state.options.code.as_ref() {
        return text(errors, literal, "code").map(|code| (code, literal.span()));
    }
    let name = state.name.unraw().to_string();
    let code = case.map_or_else(|| name.clone(), |case| case.apply(&name));
    if !is_plain(&code) {
        errors.on(&state.name, format_args!("{NOT_PLAIN}\nhelp: give `{name}` a code: `#[state(code = \"…\")]`"));
        return None;
    }
    Some((Code::Text(code), state.name.span()))
}

const NOT_PLAIN: &str = "a state code may contain letters, digits, `_ . : -`, and blanks between them";

fn text(errors: &mut Errors, literal: &Lit, what: &str) -> Option<Code> {
    let Lit::Str(text) = literal else {
        errors.on(
            literal,
            format_args!("the {what} is a string literal, unless numbers are stored: `store = \"int16\"`"),
        );
        return None;
    };
    let text = text.value();
    if text.is_empty() {
        errors.on(literal, format_args!("the {what} is empty"));
        return None;
    }
    if !is_plain(&text) {
        errors.on(literal, NOT_PLAIN);
        return None;
    }
    Some(Code::Text(text))
}

/// Codes stand in statements as they are, and columns may have any collation and encoding. Blanks at the end are what columns of
/// fixed width add, and are no part of a code.
fn is_plain(code: &str) -> bool {
    let is_plain = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '_' | '.' | ':' | '-' | ' ');
    code.chars().all(is_plain) && code.trim() == code
}

fn aliases(errors: &mut Errors, state: &DeclaredState, store: Store) -> Vec<(Code, Span)> {
    let mut aliases = Vec::new();
    for literal in &state.options.aliases {
        let code = match (store, literal) {
            (Store::Text, _) => text(errors, literal, "alias"),
            (_, Lit::Int(number)) => {
                let digits = number.base10_digits();
                let code = fitting(digits, store);
                if code.is_none() {
                    errors.on(literal, does_not_fit(digits, store));
                }
                code
            }
            _ => {
                errors.on(literal, format_args!("with `store = \"{store}\"` an alias is a number"));
                None
            }
        };
        aliases.extend(code.map(|code| (code, literal.span())));
    }
    aliases
}

/// Two states with one code cannot be told apart. `MySQL`'s collations see no difference of case, so neither do we, except
/// between what stands for one state.
fn check_distinct(errors: &mut Errors, given: &[Given<'_>]) {
    let mut shown = HashSet::new();
    for (index, one) in given.iter().enumerate() {
        let mut before = given[..index].iter();
        let same = before.clone().find(|other| other.code == one.code);
        let alike = before.find(|other| other.state != one.state && folded(&other.code) == folded(&one.code));
        let what = if one.is_alias { "alias" } else { "code" };
        let code = one.code.quoted();
        match (same, alike) {
            (Some(other), _) => {
                let owner = if other.is_alias { "an alias" } else { "the code" };
                errors.at(one.span, format_args!("{what} {code} is already {owner} of `{}`", other.state.unraw()));
                show_first(errors, &mut shown, other);
            }
            (None, Some(other)) => {
                errors.at(
                    one.span,
                    format_args!(
                        "{what} {code} differs from {} of `{}` in case only, and not every database sees that",
                        other.code.quoted(),
                        other.state.unraw()
                    ),
                );
                show_first(errors, &mut shown, other);
            }
            (None, None) => {}
        }
    }
}

/// Shows the first place of a code, once.
fn show_first(errors: &mut Errors, shown: &mut HashSet<(String, String)>, first: &Given<'_>) {
    if shown.insert((first.state.to_string(), first.code.quoted())) {
        errors.at(first.span, "first declared here");
    }
}

fn folded(code: &Code) -> Code {
    match code {
        Code::Text(text) => Code::Text(text.to_ascii_lowercase()),
        Code::Number(number) => Code::Number(*number),
    }
}

impl Code {
    fn quoted(&self) -> String {
        match self {
            Self::Text(text) => format!("\"{text}\""),
            Self::Number(number) => number.to_string(),
        }
    }
}
