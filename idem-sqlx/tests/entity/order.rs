//! The sample entities: what the derive would write of them, on every database.
#![allow(dead_code, reason = "each test file uses some of it")]

use idem_sqlx::entity::{
    Arguments, BindError, Column, Database, HasState, HasVersion, InTenant, Role, SoftDeletion, Table, Values,
    Versioned,
};
use sqlx::{Arguments as _, FromRow, Row};

use super::common::TestDatabase;
use super::machines::{Door, Lamp, OrderStatus};

/// A test database of one of the three kinds, each of which binds and reads what the sample entities have.
pub(crate) trait EntityDatabase: TestDatabase<Sqlx: Binds> {}

impl<D: TestDatabase<Sqlx: Binds>> EntityDatabase for D {}

/// What of a type is bound and read in every database.
pub(crate) trait Binds: Database<Row: Reads> {
    fn give_number(arguments: &mut Arguments<Self>, value: i64) -> Result<(), BindError>;
    fn give_text(arguments: &mut Arguments<Self>, value: Option<&str>) -> Result<(), BindError>;
    fn give_status(arguments: &mut Arguments<Self>, value: OrderStatus) -> Result<(), BindError>;
    fn give_door(arguments: &mut Arguments<Self>, value: Door) -> Result<(), BindError>;
    fn give_lamp(arguments: &mut Arguments<Self>, value: Lamp) -> Result<(), BindError>;
}

pub(crate) trait Reads: Row {
    fn number(&self, column: &str) -> Result<i64, sqlx::Error>;
    fn text(&self, column: &str) -> Result<Option<String>, sqlx::Error>;
    fn status(&self, column: &str) -> Result<OrderStatus, sqlx::Error>;
    fn door(&self, column: &str) -> Result<Door, sqlx::Error>;
    fn lamp(&self, column: &str) -> Result<Lamp, sqlx::Error>;
}

macro_rules! binds {
    ($feature:literal, $database:ty, $row:ty) => {
        #[cfg(feature = $feature)]
        impl Binds for $database {
            fn give_number(arguments: &mut Arguments<Self>, value: i64) -> Result<(), BindError> {
                arguments.add(value)
            }
            fn give_text(arguments: &mut Arguments<Self>, value: Option<&str>) -> Result<(), BindError> {
                arguments.add(value)
            }
            fn give_status(arguments: &mut Arguments<Self>, value: OrderStatus) -> Result<(), BindError> {
                arguments.add(value)
            }
            fn give_door(arguments: &mut Arguments<Self>, value: Door) -> Result<(), BindError> {
                arguments.add(value)
            }
            fn give_lamp(arguments: &mut Arguments<Self>, value: Lamp) -> Result<(), BindError> {
                arguments.add(value)
            }
        }

        #[cfg(feature = $feature)]
        impl Reads for $row {
            fn number(&self, column: &str) -> Result<i64, sqlx::Error> {
                // Of any width.
                self.try_get_unchecked(column)
            }
            fn text(&self, column: &str) -> Result<Option<String>, sqlx::Error> {
                self.try_get(column)
            }
            fn status(&self, column: &str) -> Result<OrderStatus, sqlx::Error> {
                self.try_get(column)
            }
            fn door(&self, column: &str) -> Result<Door, sqlx::Error> {
                self.try_get(column)
            }
            fn lamp(&self, column: &str) -> Result<Lamp, sqlx::Error> {
                self.try_get(column)
            }
        }
    };
}
binds!("postgres", sqlx::Postgres, sqlx::postgres::PgRow);
binds!("mysql", sqlx::MySql, sqlx::mysql::MySqlRow);
binds!("sqlite", sqlx::Sqlite, sqlx::sqlite::SqliteRow);

/// An order of a tenant, with everything: `orders`, with its audit in `order_transitions`.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Order {
    pub(crate) id: i64,
    pub(crate) tenant: String,
    pub(crate) status: OrderStatus,
    pub(crate) version: i64,
    pub(crate) address: Option<String>,
    pub(crate) total: i64,
}

pub(crate) type OrderId = InTenant<String, i64>;

/// The address of an order of the tenant `acme`.
pub(crate) fn order_id(id: i64) -> OrderId {
    InTenant("acme".to_owned(), id)
}

pub(crate) const fn column(name: &'static str, role: Role) -> Column {
    Column { name, role }
}

impl Versioned for Order {
    type Address = OrderId;
    const TABLE: Table = Table {
        name: "orders",
        audit: Some("order_transitions"),
        columns: &[
            column("id", Role::Id),
            column("tenant", Role::Tenant),
            column("status", Role::State(&[])),
            column("version", Role::Version),
            column("address", Role::Data),
            column("total", Role::Data),
            column("updated_at", Role::UpdatedAt),
            column("deleted_at", Role::SoftDelete(SoftDeletion::Timestamp)),
        ],
        natural: &["id"],
    };

    fn address(&self) -> OrderId {
        InTenant(self.tenant.clone(), self.id)
    }

    fn version(&self) -> Option<i64> {
        Some(self.version)
    }

    fn fixed_difference(&self, draft: &Self) -> Option<&'static str> {
        let fixed = [
            ("id", self.id == draft.id),
            ("tenant", self.tenant == draft.tenant),
            ("status", self.status == draft.status),
            ("version", self.version == draft.version),
        ];
        fixed.into_iter().find(|(_, is_same)| !is_same).map(|(name, _)| name)
    }

    fn is_unchanged(&self, draft: &Self) -> bool {
        self.address == draft.address && self.total == draft.total
    }
}

impl<DB: Binds> Values<DB> for Order {
    fn bind_address(InTenant(tenant, id): &OrderId, arguments: &mut Arguments<DB>) -> Result<(), BindError> {
        DB::give_text(arguments, Some(tenant))?;
        DB::give_number(arguments, *id)
    }

    fn bind(&self, column: usize, arguments: &mut Arguments<DB>) -> Result<(), BindError> {
        match column {
            0 => DB::give_number(arguments, self.id),
            1 => DB::give_text(arguments, Some(&self.tenant)),
            2 => DB::give_status(arguments, self.status),
            3 => DB::give_number(arguments, self.version),
            4 => DB::give_text(arguments, self.address.as_deref()),
            5 => DB::give_number(arguments, self.total),
            7 => DB::give_text(arguments, None),
            other => panic!("column {other} is not bound"),
        }
    }
}

impl HasVersion for Order {}

impl HasState<OrderStatus> for Order {
    const COLUMN: usize = 2;
    const NAME: &'static str = "";

    fn state(&self) -> OrderStatus {
        self.status
    }
}

impl<'r, R: Reads> FromRow<'r, R> for Order {
    fn from_row(row: &'r R) -> Result<Self, sqlx::Error> {
        Ok(Self {
            id: row.number("id")?,
            tenant: row.text("tenant")?.unwrap_or_default(),
            status: row.status("status")?,
            version: row.number("version")?,
            address: row.text("address")?,
            total: row.number("total")?,
        })
    }
}
