//! An argument that is a transaction, where `tx` does not say so.

use proc_macro2::Ident;
use syn::{FnArg, Pat, PathArguments, Signature, Type};

/// Types of sqlx and of ours in which a body writes, each by its own name.
const TRANSACTIONS: [&str; 9] = [
    "PgTransaction",
    "MySqlTransaction",
    "SqliteTransaction",
    "AnyTransaction",
    "LentTransaction",
    "PgConnection",
    "MySqlConnection",
    "SqliteConnection",
    "AnyConnection",
];

/// Those with parameters. Without, `Transaction` is the application's own: what it charges, for example.
const GENERIC_TRANSACTIONS: [&str; 3] = ["Transaction", "PoolConnection", "Lent"];

/// An argument in which the body writes.
pub(crate) struct Forgotten {
    /// The name of the argument, if it has one.
    pub(crate) name: Option<Ident>,
    /// What its type is called.
    pub(crate) declared: Ident,
}

/// The first argument that is a transaction or a connection.
pub(crate) fn forgotten(signature: &Signature) -> Option<Forgotten> {
    signature.inputs.iter().find_map(|argument| {
        let FnArg::Typed(argument) = argument else { return None };
        let declared = transaction(&argument.ty)?;
        let name = match &*argument.pat {
            Pat::Ident(pattern) => Some(pattern.ident.clone()),
            _ => None,
        };
        Some(Forgotten { name, declared })
    })
}

/// The name of the transaction that a value of this type gives access to. Behind `&` there is none to write in.
fn transaction(declared: &Type) -> Option<Ident> {
    match declared {
        Type::Reference(reference) if reference.mutability.is_none() => None,
        Type::Reference(reference) => transaction(&reference.elem),
        Type::Group(group) => transaction(&group.elem),
        Type::Paren(paren) => transaction(&paren.elem),
        Type::Path(path) => {
            let last = path.path.segments.last()?;
            let is_generic = !matches!(last.arguments, PathArguments::None);
            let is_one_of = |names: &[&str]| names.iter().any(|name| last.ident == name);
            let is_transaction = is_one_of(&TRANSACTIONS) || is_generic && is_one_of(&GENERIC_TRANSACTIONS);
            is_transaction.then(|| last.ident.clone())
        }
        _ => None,
    }
}
