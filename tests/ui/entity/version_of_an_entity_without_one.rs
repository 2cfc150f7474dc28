//! A version can be asked for where there is one.

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

async fn pay(order: &Order, pool: &sqlx::SqlitePool) -> Result<(), idem::EntityError> {
    Order::fire(order.id, order_status::Pay).version(3).execute(pool).await?.accepted()?;
    order.transition(order_status::Pay).execute(pool).await?.accepted()?;
    Ok(())
}

fn main() {}
