//! What the databases write differently.

/// Where the triggers of a table are listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(
    not(all(feature = "postgres", feature = "sqlite")),
    allow(dead_code, reason = "each is of one database, and MySQL tells in another way")
)]
pub(in crate::entity) enum Triggers {
    /// In `pg_trigger`.
    PgTrigger,
    /// In `sqlite_master`.
    SqliteMaster,
}

/// Where the constraints of a table are listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(
    not(all(feature = "postgres", feature = "mysql", feature = "sqlite")),
    allow(dead_code, reason = "each is of one database")
)]
pub(in crate::entity) enum Catalog {
    /// In `pg_index`.
    Postgres,
    /// In `information_schema.STATISTICS`.
    InformationSchema,
    /// In the pragmas of a table.
    Sqlite,
}

/// The words of a database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Dialect {
    /// What stands around an identifier.
    pub(in crate::entity) quote: u8,
    /// What stands before the number of a parameter; without one, parameters are not numbered.
    pub(in crate::entity) parameter: Option<u8>,
    /// Whether a write can return what it wrote.
    pub(in crate::entity) returning: bool,
    /// Whether an update can return what another table of its own says: `UPDATE … FROM … RETURNING`.
    pub(in crate::entity) returning_joined: bool,
    /// Whether a state is read as text, so that nobody has to ask for the enum type that its column may be of.
    pub(in crate::entity) states_as_text: bool,
    /// What stands around a column to compare its text byte by byte, but for blanks at its end: as a state is read.
    pub(in crate::entity) exact: [&'static str; 2],
    /// The type of any text.
    pub(in crate::entity) text_type: &'static str,
    /// Where the triggers of a table are listed, if a write that returns what it wrote does so before they run.
    pub(in crate::entity) triggers: Option<Triggers>,
    /// Where the constraints of a table are listed.
    pub(in crate::entity) catalog: Catalog,
    /// The clock, as the value of a timestamp column.
    pub(in crate::entity) now: &'static str,
    /// Ends a read that must see what is committed by now, and not what a snapshot shows.
    pub(in crate::entity) current_read: &'static str,
    /// Ends a read that locks the row for a write to come.
    pub(in crate::entity) for_update: &'static str,
    /// Ends an insert that leaves a row alone that is there already; without one, the insert fails.
    pub(in crate::entity) or_nothing: &'static str,
}

impl Dialect {
    /// Whether an insert can name the unique constraint that it leaves a row alone for, and fails if there is none.
    pub(in crate::entity) const fn names_constraint(&self) -> bool {
        !self.or_nothing.is_empty()
    }
}

#[cfg(feature = "postgres")]
pub(in crate::entity) const POSTGRES: Dialect = Dialect {
    quote: b'"',
    parameter: Some(b'$'),
    returning: true,
    returning_joined: true,
    states_as_text: true,
    exact: ["rtrim(CAST(", " AS text)) COLLATE \"C\""],
    text_type: "text",
    triggers: Some(Triggers::PgTrigger),
    catalog: Catalog::Postgres,
    now: "CURRENT_TIMESTAMP",
    current_read: "",
    for_update: " FOR UPDATE",
    or_nothing: " ON CONFLICT DO NOTHING",
};

/// sqlx sets the session's time zone to UTC.
#[cfg(feature = "mysql")]
pub(in crate::entity) const MYSQL: Dialect = Dialect {
    quote: b'`',
    parameter: None,
    returning: false,
    returning_joined: false,
    states_as_text: false,
    exact: ["CONVERT(", " USING utf8mb4) COLLATE utf8mb4_bin"],
    text_type: "CHAR",
    triggers: None,
    catalog: Catalog::InformationSchema,
    now: "CURRENT_TIMESTAMP(6)",
    current_read: " LOCK IN SHARE MODE",
    for_update: " FOR UPDATE",
    or_nothing: "",
};

/// As sqlx writes a timestamp, so that texts compare as the times do.
#[cfg(feature = "sqlite")]
pub(in crate::entity) const SQLITE: Dialect = Dialect {
    quote: b'"',
    parameter: Some(b'?'),
    returning: true,
    returning_joined: false,
    states_as_text: false,
    exact: ["rtrim(", ")"],
    text_type: "TEXT",
    triggers: Some(Triggers::SqliteMaster),
    catalog: Catalog::Sqlite,
    now: "strftime('%Y-%m-%dT%H:%M:%f+00:00', 'now')",
    current_read: "",
    for_update: "",
    or_nothing: " ON CONFLICT DO NOTHING",
};
