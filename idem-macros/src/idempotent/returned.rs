//! What the function returns: a `Result`, or a boxed future of one where `#[async_trait]` came first.

use proc_macro2::{Span, TokenStream, TokenTree};
use quote::ToTokens;
use syn::{GenericArgument, PathArguments, PathSegment, ReturnType, Signature, Type, TypeParamBound};

use crate::errors::Errors;

/// What the function returns.
pub(crate) struct Returned {
    /// The `Result`, or an alias of it.
    pub(crate) whole: Type,
    /// The value and the error, where the function names both.
    pub(crate) parts: Option<(Type, Type)>,
    /// The boxed future, if another attribute has already made one of the function.
    pub(crate) future: Option<Type>,
}

impl Returned {
    /// Finds what a function of this signature returns. Reports one that is not async or returns nothing.
    pub(crate) fn of(errors: &mut Errors, signature: &Signature) -> Option<Self> {
        let declared = match &signature.output {
            ReturnType::Type(_, declared) => Some(&**declared),
            ReturnType::Default => None,
        };
        if signature.asyncness.is_none() {
            if let Some(output) = declared.and_then(boxed_output) {
                return Some(Self { whole: output.clone(), parts: parts(output), future: declared.cloned() });
            }
            report_not_async(errors, signature);
            // What a future that was written by hand returns is not what the function will return.
            declared.filter(|declared| !mentions_future(declared.to_token_stream()))?;
        }
        let Some(whole) = declared else {
            report_nothing(errors, signature);
            return None;
        };
        Some(Self { whole: whole.clone(), parts: parts(whole), future: None })
    }
}

fn report_not_async(errors: &mut Errors, Signature { constness, fn_token, ident, output, .. }: &Signature) {
    match (constness, output) {
        (Some(keyword), _) => {
            errors.on(keyword, format_args!("a `const fn` cannot reach a store; write `async fn {ident}`"));
        }
        (None, ReturnType::Type(_, future)) if mentions_future(future.to_token_stream()) => errors.on(
            future,
            format_args!(
                "`{ident}` returns a future; write `async fn {ident}`, and the `Result` that the future returns"
            ),
        ),
        (None, _) => errors.on(fn_token, format_args!("`{ident}` is not async; write `async fn {ident}`")),
    }
}

fn report_nothing(errors: &mut Errors, Signature { ident, .. }: &Signature) {
    errors.on(
        ident,
        format_args!(
            "`{ident}` returns nothing; return a `Result`, so that a refused call can say why: `-> Result<(), MyError>`"
        ),
    );
}

fn mentions_future(tokens: TokenStream) -> bool {
    tokens.into_iter().any(|token| match token {
        TokenTree::Ident(ident) => ident.to_string().ends_with("Future"),
        TokenTree::Group(group) => mentions_future(group.stream()),
        _ => false,
    })
}

impl Returned {
    /// Where a mistake in the whole is underlined if it can only be at one token: at the name of the type.
    pub(crate) fn name_span(&self) -> Span {
        match &self.whole {
            Type::Path(path) => path.path.segments.last().map_or_else(Span::call_site, |last| last.ident.span()),
            whole => whole.to_token_stream().into_iter().next().map_or_else(Span::call_site, |first| first.span()),
        }
    }
}

/// The `R` of `Pin<Box<dyn Future<Output = R> + …>>`.
fn boxed_output(declared: &Type) -> Option<&Type> {
    let boxed = only_argument(last_segment(declared, "Pin")?)?;
    let Type::TraitObject(future) = only_argument(last_segment(boxed, "Box")?)? else { return None };
    let future = future.bounds.iter().find_map(|bound| match bound {
        TypeParamBound::Trait(bound) => bound.path.segments.last().filter(|segment| segment.ident == "Future"),
        _ => None,
    })?;
    arguments(future).find_map(|argument| match argument {
        GenericArgument::AssocType(output) if output.ident == "Output" => Some(&output.ty),
        _ => None,
    })
}

/// The `T` and the `E` of `Result<T, E>`, however it is qualified.
fn parts(whole: &Type) -> Option<(Type, Type)> {
    let mut arguments = arguments(last_segment(whole, "Result")?);
    match (arguments.next(), arguments.next(), arguments.next()) {
        (Some(GenericArgument::Type(value)), Some(GenericArgument::Type(error)), None) => {
            Some((value.clone(), error.clone()))
        }
        _ => None,
    }
}

fn last_segment<'a>(declared: &'a Type, name: &str) -> Option<&'a PathSegment> {
    match declared {
        Type::Path(path) if path.qself.is_none() => path.path.segments.last().filter(|segment| segment.ident == name),
        Type::Group(group) => last_segment(&group.elem, name),
        Type::Paren(paren) => last_segment(&paren.elem, name),
        _ => None,
    }
}

fn arguments(segment: &PathSegment) -> impl Iterator<Item = &GenericArgument> {
    match &segment.arguments {
        PathArguments::AngleBracketed(arguments) => Some(&arguments.args).into_iter().flatten(),
        _ => None.into_iter().flatten(),
    }
}

fn only_argument(segment: &PathSegment) -> Option<&Type> {
    let mut arguments = arguments(segment);
    match (arguments.next(), arguments.next()) {
        (Some(GenericArgument::Type(argument)), None) => Some(argument),
        _ => None,
    }
}
