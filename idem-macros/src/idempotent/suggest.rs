//! What to write instead of what was written.

use proc_macro2::{Ident, TokenStream};

use quote::ToTokens;

use crate::errors::Errors;

/// Every option, as it is written.
const OPTIONS: [(&str, &str); 15] = [
    ("store", "store = self.idem"),
    ("key", "key = order.id"),
    ("token", "token = form.token.of(user.id)"),
    ("scope", r#"scope = "payments.charge""#),
    ("fingerprint", "fingerprint = order"),
    ("lease", r#"lease = "30s""#),
    ("retain", r#"retain = "24h""#),
    ("in_flight", r#"in_flight = wait("5s")"#),
    ("errors", "errors = keep"),
    ("abandoned", "abandoned = refuse"),
    ("max_attempts", "max_attempts = 5"),
    ("version", "version = 2"),
    ("context", "context = execution"),
    ("tx", "tx = tx"),
    ("crate", "crate = my_crate::idem"),
];

/// Names that other libraries and other options use, and what they are called here.
const SYNONYMS: [(&[&str], &str); 15] = [
    (&["idem", "pool", "db", "database", "backend", "storage"], "store"),
    (&["id", "idempotency_key", "by", "on"], "key"),
    (&["form_token", "idempotency_token", "nonce", "issued", "ticket"], "token"),
    (&["name", "namespace", "prefix", "operation"], "scope"),
    (&["hash", "payload", "body", "request"], "fingerprint"),
    (&["timeout", "lock", "lock_timeout", "lock_for"], "lease"),
    (&["ttl", "expires", "expiry", "expire", "retention", "keep_for"], "retain"),
    (&["wait", "reject", "wait_for", "on_conflict", "in_progress", "concurrent"], "in_flight"),
    (&["keep", "keep_if", "release", "on_error", "on_err", "store_errors"], "errors"),
    (&["refuse", "rerun", "takeover", "on_crash"], "abandoned"),
    (&["retries", "max_retries", "attempts", "retry"], "max_attempts"),
    (&["type_version", "schema_version", "schema"], "version"),
    (&["ctx", "execution", "cx"], "context"),
    (&["transaction", "txn", "trx", "tr", "in_tx", "in_transaction", "conn", "connection", "executor"], "tx"),
    (&["idem_crate", "krate"], "crate"),
];

/// How the option `name` is written, if there is one of that name.
pub(crate) fn example(name: &str) -> Option<&'static str> {
    OPTIONS.iter().find(|(option, _)| *option == name).map(|(_, example)| *example)
}

/// Reports an option that there is not; and says which one was probably meant.
pub(crate) fn unknown_option(errors: &mut Errors, name: &Ident) -> Option<&'static str> {
    let text = name.to_string();
    let meant = synonym(&text).or_else(|| closest(&text, OPTIONS.iter().map(|(option, _)| *option)));
    if let Some(example) = meant.and_then(example) {
        errors.on(name, format_args!("unknown option `{text}`; did you mean `{example}`?"));
    } else {
        let options = OPTIONS.map(|(option, _)| format!("`{option}`")).join(", ");
        errors.on(name, format_args!("unknown option `{text}`; the options are {options}"));
    }
    meant
}

fn synonym(text: &str) -> Option<&'static str> {
    SYNONYMS.iter().find(|(names, _)| names.contains(&text)).map(|(_, option)| *option)
}

/// Reports a name that is not followed by `=`; `rest` is what follows. Says whether the name is one of an option, and not
/// a value without a name.
pub(crate) fn without_equals(errors: &mut Errors, name: &Ident, rest: &TokenStream) -> bool {
    let text = name.to_string();
    if let Some(example) = example(&text) {
        if rest.is_empty() {
            errors.on(name, format_args!("`{name}` has no value; write `{example}`"));
        } else {
            errors.on(rest, format_args!("`{name}` is set with `=`; write `{example}`"));
        }
        return true;
    }
    if matches!(synonym(&text), Some("in_flight" | "errors" | "abandoned")) {
        unknown_option(errors, name);
    } else {
        unnamed(errors, name);
    }
    false
}

/// Reports a value without a name.
pub(crate) fn unnamed(errors: &mut Errors, value: &impl ToTokens) {
    errors.on(value, "options have names; write `store = …, key = …`");
}

/// The one of `names` that `text` was probably meant to be.
pub(crate) fn closest<'a>(text: &str, names: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let text = text.to_lowercase();
    names
        .into_iter()
        .map(|name| (strsim::damerau_levenshtein(&text, name), name))
        .filter(|(distance, name)| *distance <= name.len().div_ceil(3))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, name)| name)
}
