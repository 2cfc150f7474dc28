//! The order that is moved and updated.

use chrono::{DateTime, Utc};
use idem::{StateMachine, Versioned};

/// Events lead to and fro, so that a row serves many calls.
#[derive(StateMachine, Debug, Clone, Copy, PartialEq, Eq)]
#[state_machine(initial = Unpaid, rename_all = "snake_case")]
#[transition(pay: Unpaid => Paid, allow(refire))]
#[transition(reopen: Paid => Unpaid, allow(refire))]
#[transition(hold: Unpaid => Held, audit, fence = key)]
#[transition(release: Held => Unpaid, audit, fence = key)]
#[transition(close: _ => Closed)]
pub enum OrderStatus {
    /// As it begins.
    Unpaid,
    /// Paid.
    Paid,
    /// Not to be paid for now.
    Held,
    /// The end.
    #[state(final)]
    Closed,
}

/// A row.
#[derive(Versioned, sqlx::FromRow, Debug, Clone, PartialEq)]
#[versioned(table = "orders_idem", audit = "transitions_idem")]
pub struct Order {
    /// The primary key.
    #[versioned(id)]
    pub id: i64,
    /// Written by transitions.
    #[versioned(state)]
    pub status: OrderStatus,
    /// Counts the writes.
    #[versioned(version)]
    pub version: i64,
    /// Written by updates.
    pub address: Option<String>,
    /// The same.
    pub quantity: i64,
    /// Written once.
    #[versioned(created_at)]
    pub created_at: DateTime<Utc>,
    /// Written by everything.
    #[versioned(updated_at)]
    pub updated_at: DateTime<Utc>,
}

impl Order {
    pub(super) fn new(id: i64, status: OrderStatus) -> Self {
        let (address, epoch) = (Some("0 Main Street".to_owned()), DateTime::UNIX_EPOCH);
        Self { id, status, version: 1, address, quantity: 2, created_at: epoch, updated_at: epoch }
    }
}
