//! Which options there are, and what to write instead of one that there is not.

use proc_macro2::{Ident, TokenStream};
use quote::ToTokens;

use crate::errors::Errors;
use crate::options::Options;

/// The options of `#[idempotent]`.
pub(crate) const OPTIONS: Options = Options {
    attribute: "idempotent",
    of: "",
    known: &[
        ("store", "store = self.idem"),
        ("key", "key = order.id"),
        ("token", "token = form.token.of(user.id)"),
        ("scope", r#"scope = "payments.charge""#),
        ("fingerprint", "fingerprint = order"),
        ("lease", r#"lease = "30s""#),
        ("retain", r#"retain = "24h""#),
        ("in_flight", r#"in_flight = wait("5s")"#),
        ("errors", "errors = keep"),
        ("unknown_if", "unknown_if = PayError::is_timeout"),
        ("abandoned", "abandoned = refuse"),
        ("dropped", "dropped = finish"),
        ("max_attempts", "max_attempts = 5"),
        ("version", "version = 2"),
        ("outcome_limit", "outcome_limit = marker(64 << 10)"),
        ("context", "context = execution"),
        ("tx", "tx = tx"),
        ("crate", "crate = my_crate::idem"),
    ],
    synonyms: &[
        (&["idem", "pool", "db", "database", "backend", "storage"], "store"),
        (&["id", "idempotency_key", "by", "on"], "key"),
        (&["form_token", "idempotency_token", "nonce", "issued", "ticket"], "token"),
        (&["name", "namespace", "prefix", "operation"], "scope"),
        (&["hash", "payload", "body", "request"], "fingerprint"),
        (&["timeout", "lock", "lock_timeout", "lock_for"], "lease"),
        (&["ttl", "expires", "expiry", "expire", "retention", "keep_for"], "retain"),
        (&["wait", "reject", "wait_for", "on_conflict", "in_progress", "concurrent"], "in_flight"),
        (&["keep", "keep_if", "release", "on_error", "on_err", "store_errors"], "errors"),
        (&["unknown", "ambiguous", "ambiguous_if"], "unknown_if"),
        (&["refuse", "rerun", "takeover", "on_crash"], "abandoned"),
        (&["on_drop", "drop", "cancel", "cancelled", "on_cancel", "finish", "lapse", "detach"], "dropped"),
        (&["retries", "max_retries", "attempts", "retry"], "max_attempts"),
        (&["type_version", "schema_version", "schema"], "version"),
        (&["limit", "max_bytes", "max_size", "max_outcome", "size_limit"], "outcome_limit"),
        (&["ctx", "execution", "cx"], "context"),
        (&["transaction", "txn", "trx", "tr", "in_tx", "in_transaction", "conn", "connection", "executor"], "tx"),
        (&["idem_crate", "krate"], "crate"),
    ],
};

/// Reports a name that is not followed by `=`; `rest` is what follows. Says whether the name is one of an option, and not
/// a value without a name.
pub(crate) fn without_equals(errors: &mut Errors, name: &Ident, rest: &TokenStream) -> bool {
    let text = name.to_string();
    if let Some(example) = OPTIONS.example(&text) {
        if rest.is_empty() {
            OPTIONS.no_value(errors, name);
        } else {
            errors.on(rest, format_args!("`{name}` is set with `=`; write `{example}`"));
        }
        return true;
    }
    if matches!(OPTIONS.synonym(&text), Some("in_flight" | "errors" | "abandoned" | "dropped")) {
        OPTIONS.unknown(errors, name);
    } else {
        unnamed(errors, name);
    }
    false
}

/// Reports a value without a name.
pub(crate) fn unnamed(errors: &mut Errors, value: &impl ToTokens) {
    errors.on(value, "options have names; write `store = …, key = …`");
}
