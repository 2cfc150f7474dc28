//! What the attribute was written with and on.

use proc_macro2::TokenStream;

use super::check;
use super::entry;
use super::function::{self, Function};
use super::options::Options;
use super::returned::Returned;
use super::scope::check_scope;
use crate::errors::Errors;

/// A valid use of the attribute.
pub(crate) struct Input {
    pub(crate) options: Options,
    pub(crate) function: Function,
}

impl Input {
    /// Reads the function and the arguments of the attribute on it, and reports what is wrong with either.
    pub(crate) fn parse(args: &TokenStream, item: &TokenStream) -> Result<Self, Errors> {
        let mut errors = Errors::default();
        let Some((head, body)) = function::parse(&mut errors, item) else {
            return errors.finish(None);
        };
        check::check_head(&mut errors, &head);
        check::check_trait_method_without_body(&mut errors, &head, body.as_ref());
        let returned = Returned::of(&mut errors, &head.signature);
        if let Some(returned) = &returned {
            check::check_returned(&mut errors, &head, returned);
        }
        let entries = entry::entries(&mut errors, args);
        check::check_values(&mut errors, &head, &entries.named);
        if body.is_some() {
            check_scope(&mut errors, &head, &entries.named);
        }
        let options = Options::parse(&mut errors, &entries);
        if let Some(options) = &options {
            check::check_finish_with_borrowed_arguments(&mut errors, &head, options);
        }
        let function = returned.zip(body).map(|(returned, body)| Function { head, returned, body });
        errors.finish(options.zip(function).map(|(options, function)| Self { options, function }))
    }
}
