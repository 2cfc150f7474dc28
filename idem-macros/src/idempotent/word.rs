//! Options whose value is one of a few words.

use proc_macro2::Ident;
use quote::ToTokens;
use syn::{Expr, ExprLit, Lit};

use super::duration::WAIT;
use super::value::{Argument, Time, as_path, time};
use crate::closest::closest;
use crate::errors::Errors;
use crate::text::{quoted, source};

/// What a duplicate gets while the first call runs.
pub(crate) enum InFlight {
    Reject,
    Wait(Time),
}

/// Whether an `Err` of the body is stored.
pub(crate) enum KeptErrors {
    Release,
    Keep,
    KeepIf(Argument),
}

/// What becomes of an outcome that is too large.
pub(crate) enum Limit {
    Marker(Argument),
    Error(Argument),
    Expression(Argument),
}

/// What becomes of a call that is dropped while its body runs.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Dropped {
    Release,
    Lapse,
    /// The body goes on without its caller.
    Finish,
}

/// What a lapsed claim means.
pub(crate) enum Abandoned {
    Rerun,
    Refuse,
}

/// Takes `reject` or `wait("5s")`.
pub(crate) fn in_flight(errors: &mut Errors, name: &Ident, value: &Expr) -> Option<InFlight> {
    match Word::of(value) {
        Some(Word { text, argument: None }) if text == "reject" => return Some(InFlight::Reject),
        Some(Word { text, argument: Some(limit) }) if text == "wait" => {
            return time(errors, &text, limit, &WAIT).map(InFlight::Wait);
        }
        Some(Word { text, argument: None }) if text == "wait" => {
            errors.on(value, r#"`wait` needs the longest time to wait; write `wait("5s")`"#);
        }
        _ => wrong_word(errors, name, value, &["reject", r#"wait("5s")"#]),
    }
    None
}

/// Takes `release`, `keep` or `keep_if(path)`.
pub(crate) fn kept_errors(errors: &mut Errors, name: &Ident, value: &Expr) -> Option<KeptErrors> {
    match Word::of(value) {
        Some(Word { text, argument: None }) if text == "release" => return Some(KeptErrors::Release),
        Some(Word { text, argument: None }) if text == "keep" => return Some(KeptErrors::Keep),
        Some(Word { text, argument: Some(predicate) }) if text == "keep_if" => {
            return Some(KeptErrors::KeepIf(Argument::new(&text, predicate)));
        }
        Some(Word { text, argument: None }) if text == "keep_if" => {
            errors.on(value, "`keep_if` needs a function that picks errors; write `keep_if(MyError::is_final)`");
        }
        _ => wrong_word(errors, name, value, &["release", "keep", "keep_if(MyError::is_final)"]),
    }
    None
}

/// Takes `marker(bytes)`, `error(bytes)`, or an expression of type `OutcomeLimit`.
pub(crate) fn outcome_limit(errors: &mut Errors, name: &Ident, value: &Expr) -> Option<Limit> {
    match Word::of(value) {
        Some(Word { text, argument: Some(bytes) }) if text == "marker" => {
            return Some(Limit::Marker(Argument::new(&text, bytes)));
        }
        Some(Word { text, argument: Some(bytes) }) if text == "error" => {
            return Some(Limit::Error(Argument::new(&text, bytes)));
        }
        Some(Word { text, argument: None }) if text == "marker" || text == "error" => {
            errors.on(value, format_args!("`{text}` needs a number of bytes; write `{name} = {text}(64 << 10)`"));
        }
        _ if matches!(value, Expr::Lit(_) | Expr::Binary(_)) => errors.on(
            value,
            format_args!(
                "say what becomes of a larger outcome: `{name} = marker({bytes})` gives it to the first caller alone, \
                 `{name} = error({bytes})` to nobody",
                bytes = source(value)
            ),
        ),
        _ => return Some(Limit::Expression(Argument::new(name, value))),
    }
    None
}

/// Takes `lapse`, `release` or `finish`.
pub(crate) fn dropped(errors: &mut Errors, name: &Ident, value: &Expr) -> Option<Dropped> {
    match Word::of(value) {
        Some(Word { text, argument: None }) if text == "release" => Some(Dropped::Release),
        Some(Word { text, argument: None }) if text == "lapse" => Some(Dropped::Lapse),
        Some(Word { text, argument: None }) if text == "finish" => Some(Dropped::Finish),
        _ => {
            wrong_word(errors, name, value, &["lapse", "release", "finish"]);
            None
        }
    }
}

/// Takes `rerun` or `refuse`.
pub(crate) fn abandoned(errors: &mut Errors, name: &Ident, value: &Expr) -> Option<Abandoned> {
    match Word::of(value) {
        Some(Word { text, argument: None }) if text == "rerun" => Some(Abandoned::Rerun),
        Some(Word { text, argument: None }) if text == "refuse" => Some(Abandoned::Refuse),
        _ => {
            wrong_word(errors, name, value, &["rerun", "refuse"]);
            None
        }
    }
}

/// A word such as `keep`, or with one argument such as `wait("5s")`.
struct Word<'a> {
    text: Ident,
    argument: Option<&'a Expr>,
}

impl<'a> Word<'a> {
    fn of(value: &'a Expr) -> Option<Self> {
        let (word, argument) = match value {
            Expr::Call(call) if call.args.len() == 1 => (&*call.func, call.args.first()),
            Expr::Call(call) if call.args.is_empty() => (&*call.func, None),
            word => (word, None),
        };
        let text = as_path(word)?.get_ident()?.clone();
        Some(Self { text, argument })
    }
}

/// Reports a value that is none of `words`, which are written as a user would.
fn wrong_word(errors: &mut Errors, name: &Ident, value: &Expr, words: &[&str]) {
    let written = match value {
        Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) => text.value(),
        Expr::Call(call) => last_segment(&call.func),
        value => last_segment(value),
    };
    let bare = |word: &&str| word.split('(').next().unwrap_or_default().to_owned();
    let bare_words: Vec<_> = words.iter().map(bare).collect();
    let closest = closest(&written, bare_words.iter().map(String::as_str));
    let meant = closest.and_then(|closest| words.iter().find(|word| bare(word) == closest));
    let (last, others) = words.split_last().unwrap_or((&"", &[]));
    let others = quoted(others);
    if let Some(meant) = meant {
        errors.on(value, format_args!("`{name}` is {others} or `{last}`; did you mean `{name} = {meant}`?"));
    } else {
        errors.on(value, format_args!("`{name}` is {others} or `{last}`"));
    }
}

fn last_segment(value: &Expr) -> String {
    let last = as_path(value).and_then(|path| path.segments.last());
    last.map_or_else(|| value.to_token_stream().to_string(), |segment| segment.ident.to_string())
}
