//! A late retry of what is fenced by key is told by its key alone.

use idem::{StateMachine, Versioned};

#[derive(Versioned, sqlx::FromRow, Clone)]
#[versioned(table = "orders", audit = "order_transitions")]
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
#[transition(hold: Unpaid => Held, audit, fence = key)]
#[transition(release: Held => Unpaid, audit, fence = key)]
#[transition(pay: Unpaid => Paid)]
enum OrderStatus {
    Unpaid,
    Held,
    #[state(final)]
    Paid,
}

async fn hold(id: i64, pool: &sqlx::SqlitePool) -> Result<(), idem::EntityError> {
    Order::fire(id, order_status::Hold).execute(pool).await?.accepted()?;
    Ok(())
}

fn main() {}
