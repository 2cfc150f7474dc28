//! The name of the table that keeps the records.

use std::fmt;

use idem_core::StoreError;

/// The longest name: PostgreSQL has 63 bytes for the names of indexes and views, which are longer than that of their table.
const MAX_BYTES: usize = 63 - "_purge_from".len();

/// The name of a table, known to be inert in SQL.
#[derive(Debug, Clone)]
pub(crate) struct Table {
    schema: Option<String>,
    name: String,
}

impl Table {
    /// What the migrations call it.
    const DEFAULT: &str = "idem_records";

    /// What the migrations call the table of an inbox.
    const INBOX: &str = "idem_inbox";

    /// The table of an inbox, if it is given no other.
    pub(crate) fn inbox() -> Self {
        Self { schema: None, name: Self::INBOX.to_owned() }
    }

    /// The table beside this one whose name is longer by `suffix`, which is no longer than `_purge_from`.
    pub(crate) fn with_suffix(&self, suffix: &str) -> Self {
        Self { schema: self.schema.clone(), name: format!("{}{suffix}", self.name) }
    }

    /// Checks a name. It goes into SQL as text, so letters, digits and underscores are all that it may have.
    pub(crate) fn new(name: &str) -> Result<Self, StoreError> {
        Ok(Self { schema: None, name: checked("table", name)? })
    }

    /// Checks a name that may stand in a schema: `idem_records`, or `billing.idem_records`.
    pub(crate) fn qualified(name: &str) -> Result<Self, StoreError> {
        match name.split_once('.') {
            Some((schema, name)) => {
                Ok(Self { schema: Some(checked("schema", schema)?), name: checked("table", name)? })
            }
            None => Self::new(name),
        }
    }

    /// The name without its schema.
    #[cfg(feature = "sqlite")]
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// Whether it stands in a schema.
    #[cfg(feature = "sqlite")]
    pub(crate) fn has_schema(&self) -> bool {
        self.schema.is_some()
    }

    /// A migration for this table. The files say [`DEFAULT`](Self::DEFAULT), so that they run as they are by hand; the
    /// names of indexes and views begin with it too. Tables and views stand in the schema, indexes do not.
    pub(crate) fn migration(&self, file: &str, quote: char) -> String {
        self.renamed(Self::DEFAULT, file, quote)
    }

    /// The same for an inbox in this table.
    pub(crate) fn inbox_migration(&self, file: &str, quote: char) -> String {
        self.renamed(Self::INBOX, file, quote)
    }

    fn renamed(&self, default: &str, file: &str, quote: char) -> String {
        let schema = self.schema.as_ref().map_or_else(String::new, |schema| format!("{schema}{quote}.{quote}"));
        let mut parts = file.split(default);
        let mut migration = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            let stands_in_the_schema = migration.ends_with(quote) && names_a_relation(part, quote);
            if stands_in_the_schema {
                migration.push_str(&schema);
            }
            migration.push_str(&self.name);
            migration.push_str(part);
        }
        migration
    }

    /// The name of an index of the table, as it stands in a statement.
    #[cfg(feature = "mysql")]
    pub(crate) fn index(&self, of: &str, quote: char) -> String {
        format!("{quote}{}_{of}{quote}", self.name)
    }

    /// The name as it stands in a statement.
    pub(crate) fn quoted(&self, quote: char) -> String {
        let name = format!("{quote}{}{quote}", self.name);
        match &self.schema {
            Some(schema) => format!("{quote}{schema}{quote}.{name}"),
            None => name,
        }
    }
}

impl Default for Table {
    fn default() -> Self {
        Self { schema: None, name: Self::DEFAULT.to_owned() }
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(schema) = &self.schema {
            write!(f, "{schema}.")?;
        }
        f.write_str(&self.name)
    }
}

/// Whether what follows the name of the table in a migration makes it that of a table or a view.
fn names_a_relation(rest: &str, quote: char) -> bool {
    ["", "_readable", "_marks"]
        .iter()
        .any(|suffix| rest.strip_prefix(suffix).is_some_and(|rest| rest.starts_with(quote)))
}

fn checked(what: &str, name: &str) -> Result<String, StoreError> {
    let starts = name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_');
    let goes_on = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    if starts && goes_on && name.len() <= MAX_BYTES {
        return Ok(name.to_owned());
    }
    Err(StoreError::refused(
        format!(
            "`{}` cannot name a {what}; use up to {MAX_BYTES} letters, digits and underscores, and no digit first",
            name.escape_debug(),
        ),
        None,
    ))
}

#[cfg(test)]
mod tests {
    use super::Table;

    #[test]
    fn a_table_name_is_letters_digits_and_underscores() {
        let longest = "a".repeat(52);
        for name in ["idem_records", "_", "Orders2", "order", longest.as_str()] {
            assert_eq!(Table::new(name).expect("a name").to_string(), name);
        }
    }

    #[test]
    fn a_table_name_that_is_more_than_that_is_refused_with_what_to_write() {
        let long = "a".repeat(53);
        for name in ["", "2fast", "a b", "a;b", "a\"b", "public.idem", "größe", "a\0", long.as_str()] {
            let error = Table::new(name).expect_err(name);
            assert!(!error.is_retryable());
            assert!(error.to_string().contains("use up to 52 letters, digits and underscores"), "{error}");
        }
    }

    #[test]
    #[cfg(any(feature = "postgres", feature = "mysql"))]
    fn a_schema_is_part_of_the_name_of_tables_and_views_and_not_of_indexes() {
        let table = Table::qualified("billing.calls").expect("a name");
        assert_eq!(table.quoted('"'), "\"billing\".\"calls\"");
        let file = "t \"idem_records\", v \"idem_records_readable\", i \"idem_records_purge_from\"";
        let expected = "t \"billing\".\"calls\", v \"billing\".\"calls_readable\", i \"calls_purge_from\"";
        assert_eq!(table.migration(file, '"'), expected);
        assert_eq!(
            Table::qualified("s.idem_records2").expect("a name").migration("\"idem_records\"", '"'),
            "\"s\".\"idem_records2\""
        );
        assert!(Table::qualified("a.b.c").is_err());
        assert!(Table::qualified("a\".b").is_err());
    }
}
