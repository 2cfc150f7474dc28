//! By id, what is fenced by version needs the version that the caller has seen.

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
#[transition(hold: Unpaid => Held, fence = version)]
#[transition(release: Held => Unpaid, fence = version)]
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

async fn hold_what_was_seen(order: &Order, pool: &sqlx::SqlitePool) -> Result<(), idem::EntityError> {
    order.transition(order_status::Hold).execute(pool).await?.accepted()?;
    Order::fire(order.id, order_status::Hold).version(order.version).execute(pool).await?.accepted()?;
    Ok(())
}

fn main() {}
