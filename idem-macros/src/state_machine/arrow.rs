//! `pay: Unpaid | Held => Paid`: the event, its sources and its target.

use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, format_ident};
use syn::Token;
use syn::ext::IdentExt;
use syn::parse::ParseStream;

use crate::case::Case;
use crate::errors::Errors;

const EXAMPLE: &str = "`pay: Unpaid => Paid`";

/// Which event leads from where to where.
pub(crate) struct Arrow {
    /// As it was written; made of the target in the short form.
    pub(crate) event: Ident,
    pub(crate) sources: Sources,
    pub(crate) target: Ident,
    /// All of it, to be underlined.
    pub(crate) tokens: TokenStream,
}

impl Arrow {
    /// The states that it names.
    pub(crate) fn names(&self) -> impl Iterator<Item = &Ident> {
        let sources = match &self.sources {
            Sources::All(_) => &[],
            Sources::Listed(names) => &names[..],
        };
        sources.iter().chain([&self.target])
    }
}

/// The states that a transition leaves.
pub(crate) enum Sources {
    /// `_`: every state that is not final, but the target.
    All(Span),
    Listed(Vec<Ident>),
}

/// Reads the arrow and the comma behind it, and leaves the options. `None` if it is broken, which is reported; then
/// everything is read.
pub(crate) fn parse(errors: &mut Errors, input: ParseStream<'_>, end: Span) -> syn::Result<Option<Arrow>> {
    let begin = input.fork();
    let arrow = arrow(errors, input, end)?;
    if arrow.is_none() {
        input.parse::<TokenStream>()?;
        return Ok(None);
    }
    let tokens = between(&begin, input)?;
    if !input.is_empty() && !input.peek(Token![,]) {
        let message = if input.peek(Token![|]) {
            "a transition has one target; write one `#[transition]` for each, with a `guard` on all but the last"
        } else {
            "expected `,` after the target"
        };
        errors.at(input.span(), message);
        input.parse::<TokenStream>()?;
        return Ok(None);
    }
    input.parse::<Option<Token![,]>>()?;
    Ok(arrow.map(|arrow| Arrow { tokens, ..arrow }))
}

/// The tokens that were read since `begin`.
fn between(begin: ParseStream<'_>, now: ParseStream<'_>) -> syn::Result<TokenStream> {
    let mut tokens = TokenStream::new();
    while begin.cursor() != now.cursor() && !begin.is_empty() {
        tokens.extend([begin.parse::<TokenTree>()?]);
    }
    Ok(tokens)
}

fn arrow(errors: &mut Errors, input: ParseStream<'_>, end: Span) -> syn::Result<Option<Arrow>> {
    if input.is_empty() {
        errors.at(end, format_args!("expected a transition, as in {EXAMPLE}"));
        return Ok(None);
    }
    let Some(event) = event(errors, input)? else { return Ok(None) };
    let Some(sources) = sources(errors, input, end)? else { return Ok(None) };
    if !equals_greater(errors, input, end)? {
        return Ok(None);
    }
    let Some(target) = state(errors, input, end, "a target state after `=>`")? else { return Ok(None) };
    let event = event.unwrap_or_else(|| {
        let name = Case::Snake.apply(&target.unraw().to_string());
        format_ident!("to_{name}", span = target.span())
    });
    Ok(Some(Arrow { event, sources, target, tokens: TokenStream::new() }))
}

/// The name before the colon; `Some(None)` if there is none.
#[expect(clippy::option_option, reason = "outside: it is broken; inside: it is the short form")]
fn event(errors: &mut Errors, input: ParseStream<'_>) -> syn::Result<Option<Option<Ident>>> {
    if !input.peek2(Token![:]) || input.peek2(Token![::]) {
        return Ok(Some(None));
    }
    let name: TokenTree = input.parse()?;
    input.parse::<Token![:]>()?;
    match name {
        TokenTree::Ident(name) if syn::parse2::<Ident>(name.to_token_stream()).is_ok() => Ok(Some(Some(name))),
        TokenTree::Ident(name) => {
            errors.on(&name, format_args!("`{name}` is a keyword\nhelp: write `r#{name}`, or rename the event"));
            Ok(None)
        }
        name => {
            errors.on(&name, format_args!("the name of an event is an identifier, as in {EXAMPLE}"));
            Ok(None)
        }
    }
}

fn sources(errors: &mut Errors, input: ParseStream<'_>, end: Span) -> syn::Result<Option<Sources>> {
    if input.peek(Token![_]) {
        let all: Token![_] = input.parse()?;
        return Ok(Some(Sources::All(all.span)));
    }
    input.parse::<Option<Token![|]>>()?;
    let mut sources = Vec::new();
    loop {
        let Some(source) = state(errors, input, end, "a source state")? else { return Ok(None) };
        sources.push(source);
        if input.parse::<Option<Token![|]>>()?.is_none() {
            return Ok(Some(Sources::Listed(sources)));
        }
    }
}

/// Reads `=>`, and `->` as well, which is reported.
fn equals_greater(errors: &mut Errors, input: ParseStream<'_>, end: Span) -> syn::Result<bool> {
    const MESSAGE: &str = "expected `=>` between source and target";
    if input.peek(Token![=>]) {
        return input.parse::<Token![=>]>().map(|_| true);
    }
    if input.peek(Token![->]) {
        let arrow: Token![->] = input.parse()?;
        errors.on(&arrow, MESSAGE);
        return Ok(true);
    }
    errors.at(if input.is_empty() { end } else { input.span() }, MESSAGE);
    Ok(false)
}

fn state(errors: &mut Errors, input: ParseStream<'_>, end: Span, what: &str) -> syn::Result<Option<Ident>> {
    if input.is_empty() {
        errors.at(end, format_args!("expected {what}"));
        return Ok(None);
    }
    if input.peek2(Token![::]) {
        let path: syn::Path = input.parse()?;
        let last = path.segments.last().map(|segment| segment.ident.to_string()).unwrap_or_default();
        errors.on(&path, format_args!("states are named without their enum; write `{last}`"));
        return Ok(None);
    }
    if input.peek(Token![_]) {
        errors.at(input.span(), format_args!("expected {what}; `_` stands alone, for all sources"));
        return Ok(None);
    }
    if !input.peek(syn::Ident) {
        errors.at(input.span(), format_args!("expected {what}, as in {EXAMPLE}"));
        return Ok(None);
    }
    input.parse().map(Some)
}
