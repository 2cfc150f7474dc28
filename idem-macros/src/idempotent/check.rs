//! The rules across the function and the options. Each is one function here and one file in `tests/ui/idempotent`.

use proc_macro2::{Ident, TokenStream, TokenTree};
use quote::ToTokens;
use syn::{FnArg, Safety, Type};

use super::entry::Entry;
use super::function::{Body, Head};
use super::options::{Options, is_none};
use super::returned::Returned;
use super::word::Dropped;
use crate::errors::Errors;
use crate::options::peel;
use crate::text::source;

/// Types of the standard library that people return and that are no `Result`. Any other name may be an alias of one.
const NO_RESULTS: [&str; 21] = [
    "bool", "char", "u8", "u16", "u32", "u64", "u128", "usize", "i8", "i16", "i32", "i64", "i128", "isize", "f32",
    "f64", "String", "Option", "Vec", "Box", "HashMap",
];

/// Checks what stands before the body.
pub(crate) fn check_head(errors: &mut Errors, head: &Head) {
    check_unsafe_fn(errors, head);
    check_extern_fn(errors, head);
    check_applied_twice(errors, head);
}

/// Checks what the function returns.
pub(crate) fn check_returned(errors: &mut Errors, head: &Head, returned: &Returned) {
    check_returns_no_result(errors, head, returned);
    check_returns_impl_trait(errors, returned);
    check_returns_a_reference(errors, returned);
}

/// Checks the values of the options against the function.
pub(crate) fn check_values(errors: &mut Errors, head: &Head, entries: &[Entry]) {
    check_self_in_a_free_function(errors, head, entries);
    check_key_with_token(errors, entries);
    if entries.iter().any(is_in_a_transaction) {
        for entry in entries {
            check_tx_with_lease(errors, entry);
            check_tx_with_max_attempts(errors, entry);
            check_tx_with_kept_errors(errors, entry);
            check_tx_with_dropped(errors, entry);
            check_tx_with_unknown_if(errors, entry);
        }
    }
}

fn is_in_a_transaction(Entry { name, value }: &Entry) -> bool {
    name == "tx" && !value.as_ref().is_some_and(|value| is_none(peel(value)))
}

fn check_unsafe_fn(errors: &mut Errors, head: &Head) {
    if let Safety::Unsafe(keyword) = &head.signature.safety {
        errors.on(
            keyword,
            "an `unsafe fn` cannot be idempotent, since a retry may skip what its caller must uphold; \
             write a safe `async fn` around it",
        );
    }
}

fn check_extern_fn(errors: &mut Errors, head: &Head) {
    if let Some(abi) = &head.signature.abi {
        errors.on(abi, "a function with a foreign ABI cannot be async; write an `async fn` around it");
    }
}

/// A second attribute would claim the same key inside the first one's body.
fn check_applied_twice(errors: &mut Errors, head: &Head) {
    let is_idempotent = |path: &syn::Path| path.segments.last().is_some_and(|segment| segment.ident == "idempotent");
    if let Some(second) = head.attributes.iter().find(|attribute| is_idempotent(attribute.path())) {
        errors.on(second, "`#[idempotent]` is on this function twice; keep one of them");
    }
}

/// A trait method without a body has nothing to run.
pub(crate) fn check_trait_method_without_body(errors: &mut Errors, head: &Head, body: Option<&Body>) {
    let name = &head.signature.ident;
    if body.is_none() {
        errors
            .on(name, format_args!("`{name}` has no body; write `#[idempotent]` on the method of each `impl` instead"));
    }
}

fn check_returns_no_result(errors: &mut Errors, head: &Head, returned: &Returned) {
    let is_no_result = match &returned.whole {
        Type::Path(path) => {
            path.path.segments.last().is_some_and(|last| NO_RESULTS.iter().any(|name| last.ident == name))
        }
        Type::Group(_) | Type::Paren(_) | Type::Macro(_) | Type::Infer(_) | Type::Verbatim(_) | Type::ImplTrait(_) => {
            false
        }
        _ => true,
    };
    if is_no_result {
        let name = &head.signature.ident;
        let declared = source(&returned.whole);
        errors.on(
            &returned.whole,
            format_args!("`{name}` returns no `Result`; return one, so that a refused call can say why: `-> Result<{declared}, MyError>`"),
        );
    }
}

/// A retry decodes the stored value into the type that the function names.
fn check_returns_impl_trait(errors: &mut Errors, returned: &Returned) {
    if let Some(keyword) = find_ident(returned.whole.to_token_stream(), &|ident| ident == "impl") {
        errors.on(
            &keyword,
            "a retry decodes the stored value, so its type needs a name; write the type instead of `impl …`",
        );
    }
}

fn check_returns_a_reference(errors: &mut Errors, returned: &Returned) {
    if let Some((Type::Reference(reference), _)) = &returned.parts {
        let owned = match &*reference.elem {
            Type::Slice(slice) => format!("Vec<{}>", source(&slice.elem)),
            Type::Path(path) if path.path.is_ident("str") => "String".to_owned(),
            elem => source(elem),
        };
        errors.on(
            reference,
            format_args!(
                "a retry decodes the stored value, so it cannot be borrowed; return an owned type, as in `{owned}`"
            ),
        );
    }
}

fn check_self_in_a_free_function(errors: &mut Errors, head: &Head, entries: &[Entry]) {
    if head.signature.receiver().is_some() {
        return;
    }
    let name = &head.signature.ident;
    for Entry { name: option, value } in entries {
        if let Some(found) = find_self(value.to_token_stream()) {
            errors.on(
                &found,
                format_args!("`{option}` names `self`, which `{name}` does not take; name an argument or a `static`, or take `&self`"),
            );
        }
    }
}

/// The first `self` that is a value: not that of a path such as `self::STORE`.
fn find_self(tokens: TokenStream) -> Option<Ident> {
    let mut tokens = tokens.into_iter().peekable();
    while let Some(token) = tokens.next() {
        let is_path = matches!(tokens.peek(), Some(TokenTree::Punct(punct)) if punct.as_char() == ':');
        match token {
            TokenTree::Ident(ident) if ident == "self" && !is_path => return Some(ident),
            TokenTree::Group(group) => {
                if let Some(found) = find_self(group.stream()) {
                    return Some(found);
                }
            }
            _ => {}
        }
    }
    None
}

/// A token is the key.
fn check_key_with_token(errors: &mut Errors, entries: &[Entry]) {
    let position = |option: &str| entries.iter().position(|Entry { name, .. }| name == option);
    if let (Some(key), Some(token)) = (position("key"), position("token")) {
        let second = &entries[key.max(token)].name;
        errors.on(second, "`key` and `token` are both set, and each is the key; keep `token` if the server issued it");
    }
}

fn check_tx_with_lease(errors: &mut Errors, Entry { name, .. }: &Entry) {
    if name == "lease" {
        errors.on(name, "with `tx` nothing can lapse, since a claim ends with its transaction; leave out `lease`");
    }
}

fn check_tx_with_max_attempts(errors: &mut Errors, Entry { name, .. }: &Entry) {
    if name == "max_attempts" {
        errors.on(name, "with `tx` an attempt that fails is rolled back and leaves no count; leave out `max_attempts`");
    }
}

fn check_tx_with_kept_errors(errors: &mut Errors, Entry { name, value }: &Entry) {
    let word = value.to_token_stream().into_iter().next();
    if name == "errors" && matches!(word, Some(TokenTree::Ident(word)) if word == "keep" || word == "keep_if") {
        errors.on(
            value,
            "with `tx` an error rolls everything back, also what would be kept of it; leave out `errors`, and return \
             as `Ok` what is to be kept",
        );
    }
}

fn check_tx_with_dropped(errors: &mut Errors, Entry { name, .. }: &Entry) {
    if name == "dropped" {
        errors.on(name, "with `tx` a call that is dropped is rolled back by its caller; leave out `dropped`");
    }
}

fn check_tx_with_unknown_if(errors: &mut Errors, Entry { name, .. }: &Entry) {
    if name == "unknown_if" {
        errors.on(
            name,
            "with `tx` an error rolls everything back, so it is known what the body did; leave out `unknown_if`",
        );
    }
}

/// A body that goes on without its caller can borrow nothing from it.
pub(crate) fn check_finish_with_borrowed_arguments(errors: &mut Errors, head: &Head, options: &Options) {
    if options.dropped != Some(Dropped::Finish) {
        return;
    }
    for argument in &head.signature.inputs {
        let (declared, is_self) = match argument {
            FnArg::Receiver(receiver) => (receiver.to_token_stream(), true),
            FnArg::Typed(argument) => (argument.ty.to_token_stream(), false),
        };
        if is_borrowed(declared.clone()) {
            let instead = if is_self { "`self: Arc<Self>`" } else { "an owned value, or an `Arc`" };
            errors.on(
                &declared,
                format_args!(
                    "with `dropped = finish` the body goes on when its caller is gone, so it cannot borrow; take {instead}"
                ),
            );
        }
    }
}

/// Whether a type has a reference or a lifetime in it, other than `'static`.
fn is_borrowed(declared: TokenStream) -> bool {
    let mut tokens = declared.into_iter().peekable();
    while let Some(token) = tokens.next() {
        let is_borrow = match &token {
            TokenTree::Punct(punct) if punct.as_char() == '\'' || punct.as_char() == '&' => {
                let is_reference = punct.as_char() == '&';
                // `&'static str` and `Cow<'static, str>` are owned for as long as anybody needs them.
                let next = tokens.peek().map(ToString::to_string).unwrap_or_default();
                if is_reference { next != "'" } else { next != "static" }
            }
            TokenTree::Group(group) => is_borrowed(group.stream()),
            _ => false,
        };
        if is_borrow {
            return true;
        }
    }
    false
}

/// The first name in `tokens` that is meant.
pub(crate) fn find_ident(tokens: TokenStream, is_meant: &dyn Fn(&Ident) -> bool) -> Option<Ident> {
    tokens.into_iter().find_map(|token| match token {
        TokenTree::Ident(ident) => is_meant(&ident).then_some(ident),
        TokenTree::Group(group) => find_ident(group.stream(), is_meant),
        _ => None,
    })
}
