//! An order: its states, the moves between them, and its row. Everything else is about what this says.

use chrono::{DateTime, Utc};
use idem::machine::GuardError;
use idem::{InTenant, StateMachine, Versioned};

use crate::message::Message;

/// Each `#[transition]` is an event, the states that it leaves, and the one that it leads to.
#[derive(StateMachine, Debug, Clone, Copy, PartialEq, Eq)]
#[state_machine(initial = Unpaid, rename_all = "snake_case", entity = Order)]
#[transition(pay: Unpaid => Paid, audit)]
#[transition(ship: Paid => Shipped, guard_sql = "address IS NOT NULL", audit)]
#[transition(deliver: Shipped => Delivered)]
#[transition(cancel: Unpaid | Paid => Cancelled, audit)]
#[transition(refund: Delivered => Refunded, guard = was_paid_for, audit)]
pub enum OrderStatus {
    Unpaid,
    Paid,
    Shipped,
    Delivered,
    #[state(final)]
    Cancelled,
    #[state(final)]
    Refunded,
}

/// Guards in Rust see the loaded order; those in SQL, as that of `ship`, are part of the one statement that moves it.
fn was_paid_for(order: &Order) -> Result<(), GuardError> {
    if order.total > 0 { Ok(()) } else { Err(GuardError::new("a gift has no price to pay back")) }
}

/// A row. Updates write what is not marked, transitions the status, and the database the rest.
#[derive(Versioned, sqlx::FromRow, Debug, Clone, PartialEq)]
#[versioned(table = "idem_example_orders", audit = "idem_example_order_transitions")]
pub struct Order {
    #[versioned(tenant)]
    pub tenant: String,
    #[versioned(id)]
    pub id: i64,
    #[versioned(state)]
    pub status: OrderStatus,
    #[versioned(version)]
    pub version: i64,
    pub address: Option<String>,
    #[versioned(readonly)]
    pub quantity: i64,
    #[versioned(readonly)]
    pub price: i64,
    /// `quantity * price`
    #[versioned(generated)]
    pub total: i64,
    #[versioned(created_at)]
    pub created_at: DateTime<Utc>,
    #[versioned(updated_at)]
    pub updated_at: DateTime<Utc>,
}

/// How an order is found: another tenant's is not.
pub type OrderAddress = InTenant<String, i64>;

impl Order {
    /// A new order, as a message asks for it. Its total and its times are the database's to say.
    pub fn new(message: &Message, quantity: i64, price: i64, address: Option<&str>) -> Self {
        Self {
            tenant: message.tenant.clone(),
            id: message.order,
            status: OrderStatus::INITIAL,
            version: 1,
            address: address.map(str::to_owned),
            quantity,
            price,
            total: 0,
            created_at: DateTime::UNIX_EPOCH,
            updated_at: DateTime::UNIX_EPOCH,
        }
    }
}
