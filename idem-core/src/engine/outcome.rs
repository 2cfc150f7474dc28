//! What is stored of what a body returned.

use std::sync::{Arc, LazyLock};

use crate::codec::NotEncoded;
use crate::operation::Terms;
use crate::policy::OverLimit;
use crate::{Codec, Outcome, OutcomeKind};

use super::report;

/// An outcome to store, and whether the caller is told that it is too large.
pub(super) struct Kept {
    pub(super) outcome: Outcome,
    /// The size of an outcome over the limit, if the operation wants an error then.
    pub(super) refused: Option<usize>,
}

/// The outcome to store. One that is too large, or that JSON cannot hold, leaves a mark, so that it never runs again.
pub(super) fn keep(kind: OutcomeKind, text: Result<String, NotEncoded>, terms: &Terms) -> Kept {
    let bytes = text.as_ref().map_or(0, String::len);
    let why = match text {
        Ok(text) if bytes <= terms.limit.bytes => {
            let outcome = Outcome { kind, codec: Codec::Json, version: terms.version, text: text.into() };
            return Kept { outcome, refused: None };
        }
        Ok(text) => format!("{bytes} bytes are over the limit of {}{}", terms.limit.bytes, hint(&text)),
        Err(error) => error.to_string(),
    };
    report::omitted(&terms.key, &why);
    let refused = (bytes > terms.limit.bytes && terms.limit.over == OverLimit::Error).then_some(bytes);
    Kept { outcome: omitted(kind, terms), refused }
}

/// What helps where an outcome is mostly numbers, as a `Vec<u8>` is: `255,` for each byte.
fn hint(text: &str) -> &'static str {
    let numbers = text.bytes().filter(|byte| byte.is_ascii_digit() || *byte == b',').count();
    if numbers > text.len() / 10 * 9 { "; it is mostly numbers, and bytes are shorter as base64 text" } else { "" }
}

/// A mark that the key is done, in place of its outcome.
pub(super) fn omitted(kind: OutcomeKind, terms: &Terms) -> Outcome {
    mark(kind, terms.version)
}

/// The mark in place of an outcome that the store refuses.
pub(super) fn omitted_in_place_of(outcome: &Outcome) -> Outcome {
    mark(outcome.kind, outcome.version)
}

fn mark(kind: OutcomeKind, version: u32) -> Outcome {
    static NOTHING: LazyLock<Arc<str>> = LazyLock::new(|| "".into());

    Outcome { kind, codec: Codec::Omitted, version, text: Arc::clone(&NOTHING) }
}
