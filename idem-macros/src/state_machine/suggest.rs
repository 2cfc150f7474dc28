//! Which options there are, and what to write instead of what was written.

use std::fmt::Write as _;

use proc_macro2::{Ident, Span};

use super::value::Entry;
use crate::closest::closest;
use crate::errors::Errors;
use crate::options::Options;
use crate::text::quoted;

/// The options of `#[state_machine]`.
pub(crate) const CONTAINER: Options = Options {
    attribute: "state_machine",
    of: " of `#[state_machine]`",
    known: &[
        ("initial", "initial = Unpaid"),
        ("rename_all", r#"rename_all = "snake_case""#),
        ("store", r#"store = "int16""#),
        ("entity", "entity = Order"),
        ("strict", "strict"),
        ("crate", "crate = my_crate::idem"),
    ],
    synonyms: &[
        (&["start", "default", "first"], "initial"),
        (&["rename", "case"], "rename_all"),
        (&["repr", "type", "store_as"], "store"),
    ],
};

/// The options of `#[state]`.
pub(crate) const STATE: Options = Options {
    attribute: "state",
    of: " of `#[state]`",
    known: &[
        ("final", "final"),
        ("code", r#"code = "paid""#),
        ("alias", r#"alias = "payed""#),
        ("allow", "allow(unreachable)"),
    ],
    synonyms: &[(&["terminal", "end", "terminate"], "final")],
};

/// The options of `#[transition]`.
pub(crate) const TRANSITION: Options = Options {
    attribute: "transition",
    of: " of `#[transition]`",
    known: &[
        ("guard", "guard = has_address"),
        ("guard_sql", r#"guard_sql = "total > 0""#),
        ("audit", "audit"),
        ("fence", "fence = version"),
        ("reenter", "reenter"),
        ("allow", "allow(refire)"),
    ],
    synonyms: &[
        (&["condition", "when", "unless", "if_"], "guard"),
        (&["sql", "where_", "guard_where"], "guard_sql"),
        (&["log", "history", "journal"], "audit"),
        (&["reentry", "self_loop", "again"], "reenter"),
    ],
};

/// Reports an option that there is not.
pub(crate) fn unknown_option(errors: &mut Errors, Entry { name, options, .. }: &Entry) {
    let mut message = format!("unknown option `{name}`{}", options.of);
    if let Some(meant) = options.meant(&name.to_string()) {
        let _ = write!(message, "\nhelp: did you mean `{meant}`?");
    }
    errors.on(name, format_args!("{message}\nnote: options: {}", options.names()));
}

/// Reports the name of a state that there is not.
pub(crate) fn no_such_state(errors: &mut Errors, machine: &Ident, name: &Ident, states: &[String]) {
    let mut message = format!("`{machine}` has no state `{name}`");
    if let Some(meant) = closest(&name.to_string(), states.iter().map(String::as_str)) {
        let _ = write!(message, "\nhelp: a state with a similar name exists: `{meant}`");
    }
    errors.on(name, format_args!("{message}\nnote: states of `{machine}`: {}", quoted(states)));
}

/// Reports a text that is none of `words`.
pub(crate) fn unknown_word(errors: &mut Errors, span: Span, what: &str, text: &str, words: &[&str]) {
    let mut message = format!("unknown {what} \"{text}\"");
    if let Some(meant) = closest(text, words.iter().copied()) {
        let _ = write!(message, "\nhelp: did you mean \"{meant}\"?");
    }
    errors.at(span, format_args!("{message}\nnote: {}", words.join(", ")));
}
