//! What the derive knows of a table. All statements are composed from it, at compile time.

use idem_core::machine::Code;

/// The table of an entity.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Table {
    /// Its name, with its schema before a dot if it needs one.
    pub name: &'static str,
    /// The table of its audit rows, if it has one.
    pub audit: Option<&'static str>,
    /// Its columns, in the order of the fields.
    pub columns: &'static [Column],
    /// The columns of the unique constraint by which [`insert_once`](crate::entity::Versioned::insert_once) knows a row.
    pub natural: &'static [&'static str],
}

/// A column of an entity's table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Column {
    /// Its name.
    pub name: &'static str,
    /// What it is for.
    pub role: Role,
}

/// What a column is for, and so who writes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Part of the id: in every `WHERE`, never in `SET`.
    Id,
    /// Part of the id, which the database makes when the row is inserted: until then the row is known by other columns.
    GeneratedId,
    /// The tenant: in every `WHERE`, never in `SET`.
    Tenant,
    /// A state: only transitions write it. With the aliases that a row may hold, each with the code that is written in its
    /// place.
    State(&'static [(Code, Code)]),
    /// The version: every write adds one.
    Version,
    /// Anything else: updates write it.
    Data,
    /// Written when the row is inserted, and never again.
    Readonly,
    /// Written by the database alone.
    Generated,
    /// When the row was inserted: written then, and never again.
    CreatedAt,
    /// When the row was last written, by the database's clock.
    UpdatedAt,
    /// Whether the row counts as deleted: such a row is not found by any statement.
    SoftDelete(SoftDeletion),
}

/// How a row is marked as deleted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SoftDeletion {
    /// A column that is true.
    Flag,
    /// A column that is not null: when it was deleted.
    Timestamp,
}

impl Role {
    /// Whether the database makes the value of a new row.
    #[must_use]
    pub const fn is_generated(self) -> bool {
        matches!(self, Self::Generated | Self::GeneratedId)
    }

    /// Whether the column is part of a row's address.
    #[must_use]
    pub const fn is_address(self) -> bool {
        matches!(self, Self::Id | Self::GeneratedId | Self::Tenant)
    }
}
