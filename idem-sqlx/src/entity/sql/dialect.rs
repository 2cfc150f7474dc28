//! What the databases write differently.

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
    /// Whether an enum is a type of its own, which compares with its labels alone.
    pub(in crate::entity) enum_types: bool,
    /// The clock, as the value of a timestamp column.
    pub(in crate::entity) now: &'static str,
    /// Ends a read that must see what is committed by now, and not what a snapshot shows.
    pub(in crate::entity) current_read: &'static str,
    /// Ends a read that locks the row for a write to come.
    pub(in crate::entity) for_update: &'static str,
    /// Ends an insert that leaves a row alone that is there already; without one, the insert fails.
    pub(in crate::entity) or_nothing: &'static str,
}

#[cfg(feature = "postgres")]
pub(in crate::entity) const POSTGRES: Dialect = Dialect {
    quote: b'"',
    parameter: Some(b'$'),
    returning: true,
    returning_joined: true,
    enum_types: true,
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
    enum_types: false,
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
    enum_types: false,
    now: "strftime('%Y-%m-%dT%H:%M:%f+00:00', 'now')",
    current_read: "",
    for_update: "",
    or_nothing: " ON CONFLICT DO NOTHING",
};
