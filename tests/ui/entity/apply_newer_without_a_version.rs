//! Which of two copies is the newer one is told by their versions.

use idem::{StateMachine, Versioned};

#[derive(Versioned, sqlx::FromRow, Clone)]
#[versioned(table = "orders")]
struct Order {
    #[versioned(id)]
    id: i64,
    #[versioned(state)]
    status: OrderStatus,
}

#[derive(StateMachine, Debug, Clone, Copy, PartialEq, Eq)]
#[state_machine(initial = Unpaid)]
#[transition(pay: Unpaid => Paid)]
enum OrderStatus {
    Unpaid,
    #[state(final)]
    Paid,
}

async fn copy(order: &Order, pool: &sqlx::SqlitePool) -> Result<(), idem::EntityError> {
    order.apply_newer(pool).await?.accepted()?;
    Ok(())
}

fn main() {}
