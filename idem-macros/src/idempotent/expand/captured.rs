//! Which arguments a body names, and so captures.

use proc_macro2::Ident;
use syn::{FnArg, Pat, ReceiverKind, Type};

use super::rebound::collect;
use crate::idempotent::function::Function;
use crate::idempotent::place::Place;

/// The arguments that the body names, but the one that the transaction is in. Shared references are left out, since they are
/// copied.
pub(super) fn captured(tx: &Place, Function { head, body, .. }: &Function) -> Vec<Ident> {
    let mut named = Vec::new();
    collect(body.block.stream(), &mut named);
    let mut bound = Vec::new();
    for argument in &head.signature.inputs {
        match argument {
            FnArg::Receiver(receiver) => match receiver.kind {
                ReceiverKind::Reference(_, _, None) => {}
                _ => bound.push(Ident::new("self", receiver.self_token.span)),
            },
            FnArg::Typed(argument) if is_cfg(&argument.attrs) || is_shared(&argument.ty) => {}
            FnArg::Typed(argument) => bindings(&argument.pat, &mut bound),
        }
    }
    bound.retain(|ident| *ident != tx.root && named.contains(ident));
    bound
}

fn is_cfg(attributes: &[syn::Attribute]) -> bool {
    attributes.iter().any(|attribute| attribute.path().is_ident("cfg"))
}

fn is_shared(declared: &Type) -> bool {
    matches!(declared, Type::Reference(reference) if reference.mutability.is_none())
}

fn bindings(pattern: &Pat, bound: &mut Vec<Ident>) {
    match pattern {
        Pat::Ident(binding) => bound.push(binding.ident.clone()),
        Pat::Paren(paren) => bindings(&paren.pat, bound),
        Pat::Reference(reference) => bindings(&reference.pat, bound),
        Pat::Tuple(tuple) => tuple.elems.iter().for_each(|pattern| bindings(pattern, bound)),
        Pat::TupleStruct(tuple) => tuple.elems.iter().for_each(|pattern| bindings(pattern, bound)),
        Pat::Struct(pattern) => pattern.fields.iter().for_each(|field| bindings(&field.pat, bound)),
        _ => {}
    }
}
