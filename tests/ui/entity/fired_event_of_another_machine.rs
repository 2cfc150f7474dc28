//! An event fires on an entity whose state it moves.

use idem::{StateMachine, Versioned};

#[derive(Versioned, sqlx::FromRow, Clone)]
#[versioned(table = "orders")]
struct Order {
    #[versioned(id)]
    id: i64,
    #[versioned(state)]
    status: OrderStatus,
    #[versioned(version)]
    version: i64,
}

#[derive(StateMachine, Debug, Clone, Copy, PartialEq, Eq)]
#[state_machine(initial = Unpaid)]
#[transition(pay: Unpaid => Paid)]
enum OrderStatus {
    Unpaid,
    #[state(final)]
    Paid,
}

#[derive(StateMachine, Debug, Clone, Copy, PartialEq, Eq)]
#[state_machine(initial = Draft)]
#[transition(send: Draft => Sent)]
enum InvoiceStatus {
    Draft,
    #[state(final)]
    Sent,
}

async fn send(order: &Order, pool: &sqlx::SqlitePool) -> Result<(), idem::EntityError> {
    Order::fire(order.id, invoice_status::Send).execute(pool).await?.accepted()?;
    order.transition(invoice_status::Send).execute(pool).await?.accepted()?;
    Ok(())
}

fn main() {}
