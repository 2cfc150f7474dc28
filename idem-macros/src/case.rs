//! Names in another case.

use heck::{ToKebabCase, ToLowerCamelCase, ToShoutySnakeCase, ToSnakeCase, ToUpperCamelCase};

/// How `rename_all` spells names. sqlx spells with the same crate, so that a row is read from the columns that it is written
/// to.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Case {
    Lower,
    Snake,
    Upper,
    ScreamingSnake,
    Kebab,
    Camel,
    Pascal,
}

/// Each case, as it is written.
const CASES: [(&str, Case); 7] = [
    ("lowercase", Case::Lower),
    ("snake_case", Case::Snake),
    ("UPPERCASE", Case::Upper),
    ("SCREAMING_SNAKE_CASE", Case::ScreamingSnake),
    ("kebab-case", Case::Kebab),
    ("camelCase", Case::Camel),
    ("PascalCase", Case::Pascal),
];

impl Case {
    /// The case that is called `name`.
    pub(crate) fn called(name: &str) -> Option<Self> {
        CASES.iter().find(|(called, _)| *called == name).map(|(_, case)| *case)
    }

    /// The names of all cases.
    pub(crate) fn names() -> [&'static str; CASES.len()] {
        CASES.map(|(name, _)| name)
    }

    /// Spells `name`, which is in any case itself.
    pub(crate) fn apply(self, name: &str) -> String {
        match self {
            Self::Lower => name.to_lowercase(),
            Self::Snake => name.to_snake_case(),
            Self::Upper => name.to_uppercase(),
            Self::ScreamingSnake => name.to_shouty_snake_case(),
            Self::Kebab => name.to_kebab_case(),
            Self::Camel => name.to_lower_camel_case(),
            Self::Pascal => name.to_upper_camel_case(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Case;

    #[test]
    fn each_case_spells_the_words_of_a_name() {
        let spelt = |case: Case| ["InTransit", "HTTPError", "Paid2", "re_open"].map(|name| case.apply(name));
        assert_eq!(spelt(Case::Lower), ["intransit", "httperror", "paid2", "re_open"]);
        assert_eq!(spelt(Case::Snake), ["in_transit", "http_error", "paid2", "re_open"]);
        assert_eq!(spelt(Case::Upper), ["INTRANSIT", "HTTPERROR", "PAID2", "RE_OPEN"]);
        assert_eq!(spelt(Case::ScreamingSnake), ["IN_TRANSIT", "HTTP_ERROR", "PAID2", "RE_OPEN"]);
        assert_eq!(spelt(Case::Kebab), ["in-transit", "http-error", "paid2", "re-open"]);
        assert_eq!(spelt(Case::Camel), ["inTransit", "httpError", "paid2", "reOpen"]);
        assert_eq!(spelt(Case::Pascal), ["InTransit", "HttpError", "Paid2", "ReOpen"]);
    }

    #[test]
    fn a_name_without_case_is_left_alone() {
        assert_eq!(Case::Snake.apply("订单"), "订单");
        assert_eq!(Case::Pascal.apply("订单"), "订单");
    }
}
