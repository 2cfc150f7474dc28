//! On a pool, a lock would be gone as soon as it is had.

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

async fn lock(id: i64, pool: &sqlx::PgPool) -> Result<(), idem::EntityError> {
    let order = Order::lock(pool, id).for_update().one().await?;
    Ok(())
}

fn main() {}
