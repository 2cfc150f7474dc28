//! What an option is set to.

use proc_macro2::{Ident, TokenStream, TokenTree};
use quote::ToTokens;
use syn::Token;
use syn::ext::IdentExt;
use syn::parse::{Parse, ParseStream, Parser};

use crate::errors::Errors;
use crate::opt::Opt;
use crate::options::{self, Value};

/// One option: values are types, paths and literals, and which of them is known by the option alone.
pub(crate) type Entry = options::Entry<Tokens>;

/// A value, which was not read.
pub(crate) struct Tokens(TokenStream);

impl Parse for Tokens {
    /// Takes all up to a comma that is not between generic arguments, as in `entity = Order<A, B>`: outside of literals and
    /// groups nothing else has these.
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let (mut tokens, mut depth) = (TokenStream::new(), 0_usize);
        while !(input.is_empty() || depth == 0 && input.peek(Token![,])) {
            let token: TokenTree = input.parse()?;
            match &token {
                TokenTree::Punct(punct) if punct.as_char() == '<' => depth += 1,
                TokenTree::Punct(punct) if punct.as_char() == '>' => depth = depth.saturating_sub(1),
                _ => {}
            }
            tokens.extend([token]);
        }
        Ok(Self(tokens))
    }
}

impl Entry {
    /// Sets a flag, which has no value.
    pub(crate) fn flag(&self, errors: &mut Errors, option: &mut Opt<Ident>) {
        let value = match &self.value {
            Value::Absent => Some(self.name.clone()),
            Value::Wrong => None,
            Value::Assigned(Tokens(value)) => self.not_alone(errors, value),
            Value::Called(value) => self.not_alone(errors, value),
        };
        option.set(errors, &self.name, value);
    }

    fn not_alone(&self, errors: &mut Errors, value: &impl ToTokens) -> Option<Ident> {
        errors.on(value, format_args!("`{0}` has no value; write `{0}` alone", self.name));
        None
    }

    /// Sets an option to what is assigned, which is `kind`.
    pub(crate) fn assigned<T: Parse>(&self, errors: &mut Errors, option: &mut Opt<T>, kind: &str) {
        let value = self.read(errors, T::parse, kind);
        option.set(errors, &self.name, value);
    }

    /// Sets an option to the word that is assigned, which is one of `words`.
    pub(crate) fn word(&self, errors: &mut Errors, option: &mut Opt<Ident>, words: &str) {
        let value = self.read(errors, Ident::parse_any, words);
        option.set(errors, &self.name, value);
    }

    /// Sets an option to the only word in parentheses that it may have.
    pub(crate) fn called(&self, errors: &mut Errors, word: &str, option: &mut Opt<Ident>) {
        let value = match &self.value {
            Value::Called(group) if group.stream().to_string() == word => Some(self.name.clone()),
            Value::Called(group) if !group.stream().is_empty() => self.another_word(errors, &group.stream(), word),
            Value::Assigned(Tokens(value)) => self.another_word(errors, value, word),
            Value::Absent | Value::Called(_) => {
                errors.on(&self.name, format_args!("`{0}` says what; write `{0}({word})`", self.name));
                None
            }
            Value::Wrong => None,
        };
        option.set(errors, &self.name, value);
    }

    fn another_word(&self, errors: &mut Errors, value: &TokenStream, word: &str) -> Option<Ident> {
        errors.on(value, format_args!("unknown word in `{}`\nhelp: write `{0}({word})`", self.name));
        None
    }

    /// Reads what is assigned, which is `kind`.
    pub(crate) fn read<T>(&self, errors: &mut Errors, parser: impl Parser<Output = T>, kind: &str) -> Option<T> {
        let example = self.example();
        match &self.value {
            Value::Absent => self.options.no_value(errors, &self.name),
            Value::Wrong => {}
            Value::Assigned(Tokens(value)) => match parser.parse2(value.clone()) {
                Ok(value) => return Some(value),
                Err(_) => errors.on(value, format_args!("expected {kind}, as in `{example}`")),
            },
            Value::Called(group) if group.stream().is_empty() => self.options.no_value(errors, &self.name),
            Value::Called(group) => {
                errors.on(&group.stream(), format_args!("`{}` is set with `=`; write `{example}`", self.name));
            }
        }
        None
    }
}
