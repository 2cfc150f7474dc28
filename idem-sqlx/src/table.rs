//! The name of the table that keeps the records.

use idem_core::StoreError;

/// The longest name, that of PostgreSQL.
const MAX_BYTES: usize = 63;

/// The name of a table, known to be inert in SQL.
#[derive(Debug, Clone)]
pub(crate) struct Table(String);

impl Table {
    /// What the migrations call it.
    pub(crate) const DEFAULT: &str = "idem_records";

    /// Checks a name. It goes into SQL as text, so letters, digits and underscores are all that it may have.
    pub(crate) fn new(name: &str) -> Result<Self, StoreError> {
        let starts = name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_');
        let goes_on = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        if starts && goes_on && name.len() <= MAX_BYTES {
            return Ok(Self(name.to_owned()));
        }
        Err(StoreError::refused(
            format!(
                "`{}` cannot name a table; use up to {MAX_BYTES} letters, digits and underscores, and no digit first",
                name.escape_debug(),
            ),
            None,
        ))
    }

    /// The name as it was given.
    pub(crate) fn name(&self) -> &str {
        &self.0
    }

    /// A migration for this table. The files say [`DEFAULT`](Self::DEFAULT), so that they run as they are by hand, and
    /// the names of indexes and views begin with it too.
    pub(crate) fn migration(&self, file: &str) -> String {
        file.replace(Self::DEFAULT, &self.0)
    }
}

impl Default for Table {
    fn default() -> Self {
        Self(Self::DEFAULT.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::Table;

    #[test]
    fn a_table_name_is_letters_digits_and_underscores() {
        let longest = "a".repeat(63);
        for name in ["idem_records", "_", "Orders2", "order", longest.as_str()] {
            assert_eq!(Table::new(name).expect("a name").name(), name);
        }
    }

    #[test]
    fn a_table_name_that_is_more_than_that_is_refused_with_what_to_write() {
        let long = "a".repeat(64);
        for name in ["", "2fast", "a b", "a;b", "a\"b", "public.idem", "größe", "a\0", long.as_str()] {
            let error = Table::new(name).expect_err(name);
            assert!(!error.is_retryable());
            assert!(error.to_string().contains("use up to 63 letters, digits and underscores"), "{error}");
        }
    }
}
