//! An entity with everything.

use chrono::{DateTime, Utc};
use idem_sqlx::entity::{
    Arguments, BindError, Database, HasVersion, InTenant, Role, Table, Value, Values, Versioned, add, never_bound,
};
use sqlx::FromRow;

use super::{column, first_difference};

/// With everything that an entity can have: a tenant, a state, a version, and columns that the database writes.
#[derive(Debug, Clone, PartialEq, FromRow)]
pub(crate) struct Order {
    pub(crate) id: i64,
    pub(crate) tenant_id: i64,
    pub(crate) status: String,
    pub(crate) version: i64,
    pub(crate) address: Option<String>,
    pub(crate) quantity: i32,
    /// Written with the rest, and no reason to write.
    pub(crate) seen: i32,
    pub(crate) channel: String,
    pub(crate) total: i32,
    pub(crate) created_at: DateTime<Utc>,
    pub(crate) updated_at: DateTime<Utc>,
}

impl Order {
    pub(crate) fn new(id: i64) -> Self {
        Self {
            id,
            tenant_id: 7,
            status: "unpaid".to_owned(),
            version: 1,
            address: None,
            quantity: 1,
            seen: 0,
            channel: "web".to_owned(),
            total: 0,
            created_at: DateTime::UNIX_EPOCH,
            updated_at: DateTime::UNIX_EPOCH,
        }
    }

    /// The same with another quantity.
    pub(crate) fn of(&self, quantity: i32) -> Self {
        Self { quantity, ..self.clone() }
    }
}

impl Versioned for Order {
    type Address = InTenant<i64, i64>;

    const TABLE: Table = Table {
        name: "orders",
        audit: None,
        columns: &[
            column("id", Role::Id),
            column("tenant_id", Role::Tenant),
            column("status", Role::State(&[])),
            column("version", Role::Version),
            column("address", Role::Data),
            column("quantity", Role::Data),
            column("seen", Role::Data),
            column("channel", Role::Readonly),
            column("total", Role::Generated),
            column("created_at", Role::CreatedAt),
            column("updated_at", Role::UpdatedAt),
        ],
        natural: &["id"],
    };

    fn address(&self) -> Self::Address {
        InTenant(self.tenant_id, self.id)
    }

    fn version(&self) -> Option<i64> {
        Some(self.version)
    }

    fn fixed_difference(&self, draft: &Self) -> Option<&'static str> {
        first_difference!(self, draft; id tenant_id status version channel total created_at updated_at)
    }

    fn is_unchanged(&self, draft: &Self) -> bool {
        self.address == draft.address && self.quantity == draft.quantity
    }
}

impl<DB: Database> Values<DB> for Order
where
    i64: Value<DB>,
    i32: Value<DB>,
    String: Value<DB>,
    Option<String>: Value<DB>,
    DateTime<Utc>: Value<DB>,
{
    fn bind_address(address: &Self::Address, arguments: &mut Arguments<DB>) -> Result<(), BindError> {
        add::<DB, i64>(arguments, &address.0)?;
        add::<DB, i64>(arguments, &address.1)
    }

    fn bind(&self, column: usize, arguments: &mut Arguments<DB>) -> Result<(), BindError> {
        match column {
            0 => add::<DB, i64>(arguments, &self.id),
            1 => add::<DB, i64>(arguments, &self.tenant_id),
            2 => add::<DB, String>(arguments, &self.status),
            3 => add::<DB, i64>(arguments, &self.version),
            4 => add::<DB, Option<String>>(arguments, &self.address),
            5 => add::<DB, i32>(arguments, &self.quantity),
            6 => add::<DB, i32>(arguments, &self.seen),
            7 => add::<DB, String>(arguments, &self.channel),
            9 => add::<DB, DateTime<Utc>>(arguments, &self.created_at),
            10 => add::<DB, DateTime<Utc>>(arguments, &self.updated_at),
            _ => never_bound(column),
        }
    }
}

impl HasVersion for Order {}
