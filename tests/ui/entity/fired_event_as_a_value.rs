//! What fires is a type, `order_status::Pay`, of which more is known at compile time than of a value.

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

async fn pay(order: &Order, pool: &sqlx::SqlitePool) -> Result<(), idem::EntityError> {
    Order::fire(order.id, OrderStatusEvent::Pay).execute(pool).await?.accepted()?;
    order.transition(OrderStatusEvent::Pay).execute(pool).await?.accepted()?;
    Ok(())
}

fn main() {}
