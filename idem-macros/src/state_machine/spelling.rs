//! `store` and `rename_all`: how codes are stored and spelt.

use super::item::Item;
use super::machine::Store;
use super::suggest;
use crate::case::Case;
use crate::errors::Errors;

impl Store {
    /// What the attribute says.
    pub(crate) fn of(errors: &mut Errors, item: &Item) -> Self {
        let Some(literal) = &item.container.store else { return Self::Text };
        match literal.value().as_str() {
            "text" => Self::Text,
            "int16" => Self::Int16,
            "int32" => Self::Int32,
            text => {
                suggest::unknown_word(errors, literal.span(), "store", text, &["text", "int16", "int32"]);
                Self::Text
            }
        }
    }
}

impl Case {
    /// What the attribute says, if anything.
    pub(crate) fn of(errors: &mut Errors, item: &Item) -> Option<Self> {
        let literal = item.container.rename_all.as_ref()?;
        let text = literal.value();
        let known = Case::called(&text);
        if known.is_none() {
            suggest::unknown_word(errors, literal.span(), "case", &text, &Case::names());
        }
        known
    }
}
