//! The function below the attribute.

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};
use syn::parse::{ParseStream, Parser};
use syn::{Attribute, Signature, Token, Visibility};

use super::returned::Returned;
use crate::errors::Errors;

/// The function below the attribute. Its body stays tokens, so that rustc reports what is wrong in it.
pub(crate) struct Function {
    pub(crate) head: Head,
    pub(crate) returned: Returned,
    pub(crate) body: Body,
}

/// What stands before the body.
pub(crate) struct Head {
    pub(crate) attributes: Vec<Attribute>,
    pub(crate) visibility: Visibility,
    /// `default`, as in specialization.
    pub(crate) defaultness: Option<Token![default]>,
    pub(crate) signature: Signature,
}

/// A body, and the attributes inside it that belong to the function.
pub(crate) struct Body {
    pub(crate) attributes: Vec<Attribute>,
    pub(crate) block: Group,
}

/// Reads the item below the attribute; `None` if it is no function, which is reported. Without a body if it has none.
pub(crate) fn parse(errors: &mut Errors, item: &TokenStream) -> Option<(Head, Option<Body>)> {
    let parser = |input: ParseStream<'_>| Ok((head(input)?, body(input)?));
    match parser.parse2(item.clone()) {
        Ok(function) => Some(function),
        Err(error) => {
            report_no_function(errors, item, error);
            None
        }
    }
}

fn head(input: ParseStream<'_>) -> syn::Result<Head> {
    Ok(Head {
        attributes: input.call(Attribute::parse_outer)?,
        visibility: input.parse()?,
        defaultness: input.parse()?,
        signature: input.parse()?,
    })
}

fn body(input: ParseStream<'_>) -> syn::Result<Option<Body>> {
    if input.peek(Token![;]) {
        return input.parse::<Token![;]>().map(|_| None);
    }
    let TokenTree::Group(group) = input.parse()? else { return Err(input.error("expected the body of a function")) };
    let group = braces(group);
    let content = |content: ParseStream<'_>| Ok((content.call(Attribute::parse_inner)?, content.parse()?));
    let (attributes, statements): (Vec<_>, TokenStream) = content.parse2(group.stream())?;
    if attributes.is_empty() {
        return Ok(Some(Body { attributes, block: group }));
    }
    let mut block = Group::new(group.delimiter(), statements);
    block.set_span(group.span());
    Ok(Some(Body { attributes, block }))
}

/// The braces, where the body is a `block` fragment of `macro_rules!` and so in an invisible group.
pub(crate) fn braces(group: Group) -> Group {
    let mut inner = group.stream().into_iter();
    match (group.delimiter(), inner.next(), inner.next()) {
        (Delimiter::None, Some(TokenTree::Group(inner)), None) => braces(inner),
        _ => group,
    }
}

/// Reports an item that is no function; or what syn found, if it is one that syn cannot read.
fn report_no_function(errors: &mut Errors, item: &TokenStream, error: syn::Error) {
    const KINDS: [&str; 13] = [
        "fn",
        "struct",
        "enum",
        "union",
        "trait",
        "impl",
        "mod",
        "use",
        "type",
        "static",
        "macro_rules",
        "let",
        "const",
    ];
    let keyword = item.clone().into_iter().find_map(|token| match token {
        TokenTree::Ident(ident) if KINDS.iter().any(|kind| ident == kind) => Some(ident),
        _ => None,
    });
    match keyword {
        Some(keyword) if keyword == "fn" => errors.push(error),
        Some(keyword) => {
            errors
                .on(&keyword, "`#[idempotent]` goes on an `async fn`; write it on each function that is to be retried");
        }
        None => errors.on(item, "`#[idempotent]` goes on an `async fn`"),
    }
}
