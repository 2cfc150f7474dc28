//! What `#[sqlx(…)]` says of the struct and of a field, read as sqlx's `derive(FromRow)` reads it.

use proc_macro2::{Ident, TokenTree};
use syn::meta::ParseNestedMeta;
use syn::{Attribute, LitStr, Path, Token, Type, parenthesized, token};

use super::name;
use crate::case::Case;
use crate::errors::Errors;

/// What it says of the struct.
#[derive(Default)]
pub(crate) struct Container {
    pub(crate) rename_all: Option<Case>,
    /// A column that a row does not have is taken from the default of the struct.
    pub(crate) default: bool,
}

/// What it says of a field. What is a path is the option's name.
#[derive(Default)]
pub(crate) struct Field {
    pub(crate) rename: Option<LitStr>,
    pub(crate) skip: Option<Path>,
    pub(crate) flatten: Option<Path>,
    pub(crate) default: Option<Path>,
    pub(crate) try_from: Option<Type>,
    pub(crate) json: Option<Json>,
}

/// A field that is stored as JSON.
pub(crate) struct Json {
    pub(crate) name: Path,
    /// `None` is NULL, and not the JSON value `null`.
    pub(crate) nullable: Option<Ident>,
}

impl Container {
    pub(crate) fn parse(errors: &mut Errors, attributes: &[Attribute]) -> Self {
        let mut container = Self::default();
        each_option(errors, attributes, |errors, meta| {
            if meta.path.is_ident("rename_all") {
                let literal: LitStr = meta.value()?.parse()?;
                container.rename_all = name::case(errors, &literal);
            } else if meta.path.is_ident("default") {
                container.default = true;
            } else {
                ignore(meta)?;
            }
            Ok(())
        });
        container
    }
}

impl Field {
    pub(crate) fn parse(errors: &mut Errors, attributes: &[Attribute]) -> Self {
        let mut field = Self::default();
        each_option(errors, attributes, |errors, meta| field.read(errors, meta));
        field
    }

    fn read(&mut self, errors: &mut Errors, meta: &ParseNestedMeta<'_>) -> syn::Result<()> {
        let name = || Some(meta.path.clone());
        if meta.path.is_ident("rename") {
            self.rename = name::column(errors, meta.value()?.parse()?);
        } else if meta.path.is_ident("try_from") {
            let literal: LitStr = meta.value()?.parse()?;
            self.try_from = Some(literal.parse()?);
        } else if meta.path.is_ident("skip") {
            self.skip = name();
        } else if meta.path.is_ident("flatten") {
            self.flatten = name();
        } else if meta.path.is_ident("default") {
            self.default = name();
        } else if meta.path.is_ident("json") {
            self.json = Some(Json { name: meta.path.clone(), nullable: nullable(meta)? });
        } else {
            ignore(meta)?;
        }
        Ok(())
    }
}

/// Reads the `(nullable)` of `json(nullable)`, if it is there.
fn nullable(meta: &ParseNestedMeta<'_>) -> syn::Result<Option<Ident>> {
    if !meta.input.peek(token::Paren) {
        return Ok(None);
    }
    let content;
    parenthesized!(content in meta.input);
    let word: Ident = content.parse()?;
    if word != "nullable" || !content.is_empty() {
        return Err(syn::Error::new_spanned(word, "`json` is written `json` or `json(nullable)`"));
    }
    Ok(Some(word))
}

fn each_option(
    errors: &mut Errors,
    attributes: &[Attribute],
    mut read: impl FnMut(&mut Errors, &ParseNestedMeta<'_>) -> syn::Result<()>,
) {
    for attribute in attributes.iter().filter(|attribute| attribute.path().is_ident("sqlx")) {
        if let Err(error) = attribute.parse_nested_meta(|meta| read(errors, &meta)) {
            errors.push(error);
        }
    }
}

/// Passes over what is none of our business: `derive(FromRow)` says whether there is such an option.
fn ignore(meta: &ParseNestedMeta<'_>) -> syn::Result<()> {
    while !meta.input.is_empty() && !meta.input.peek(Token![,]) {
        meta.input.parse::<TokenTree>()?;
    }
    Ok(())
}
