//! Which options there are, and what to write instead of one that there is not.

use super::value::Entry;
use crate::errors::Errors;
use crate::options::Options;

/// The options of the struct.
pub(crate) const CONTAINER: Options = Options {
    attribute: "versioned",
    of: " of the struct",
    known: &[
        ("table", r#"table = "orders""#),
        ("audit", r#"audit = "order_transitions""#),
        ("last_write_wins", "last_write_wins"),
        ("crate", "crate = my_crate::idem"),
    ],
    synonyms: &[
        (&["table_name", "name", "relation", "rename"], "table"),
        (&["audit_table", "history", "log", "transitions", "events"], "audit"),
        (&["unguarded", "overwrite", "no_version", "unversioned"], "last_write_wins"),
        (&["idem_crate", "krate"], "crate"),
    ],
};

/// The options of a field.
pub(crate) const FIELD: Options = Options {
    attribute: "versioned",
    of: " of a field",
    known: &[
        ("id", "id"),
        ("tenant", "tenant"),
        ("state", "state"),
        ("version", "version"),
        ("generated", "generated"),
        ("readonly", "readonly"),
        ("created_at", "created_at"),
        ("updated_at", "updated_at"),
        ("soft_delete", "soft_delete"),
        ("unique", "unique"),
        ("ignore_change", "ignore_change"),
        ("compare", "compare = same_price"),
        ("always_write", "always_write"),
        ("skip", "skip"),
    ],
    synonyms: &[
        (&["primary_key", "pk", "key"], "id"),
        (&["tenant_id", "owner", "account"], "tenant"),
        (&["status", "state_machine"], "state"),
        (&["lock", "lock_version", "lock_token", "revision", "row_version", "etag", "optimistic_lock"], "version"),
        (&["computed", "stored", "virtual_column", "virtual"], "generated"),
        (&["read_only", "immutable", "const", "no_update", "insert_only"], "readonly"),
        (&["created", "inserted_at"], "created_at"),
        (&["updated", "modified_at", "changed_at", "timestamp"], "updated_at"),
        (&["deleted_at", "deleted", "delete", "is_deleted"], "soft_delete"),
        (&["natural", "natural_key", "unique_key"], "unique"),
        (&["ignore", "no_compare"], "ignore_change"),
        (&["compare_with", "eq", "with", "partial_eq"], "compare"),
        (&["always", "force", "dirty"], "always_write"),
        (&["transient", "not_a_column", "flatten"], "skip"),
    ],
};

/// Reports an option that there is not, or not here; and says which one was probably meant.
pub(crate) fn unknown_option(errors: &mut Errors, Entry { name, options, .. }: &Entry) -> Option<&'static str> {
    let has_it = |other: &&Options| other.example(&name.to_string()).is_some();
    if let Some(other) = [&CONTAINER, &FIELD].into_iter().find(has_it) {
        errors.on(name, format_args!("`{name}` is an option{}, and not{}", other.of, options.of));
        return None;
    }
    options.unknown(errors, name)
}
