//! A key is kept in the audit, and so are the actor and the reason.

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

async fn pay(id: i64, key: &str, pool: &sqlx::SqlitePool) -> Result<(), idem::EntityError> {
    Order::fire(id, order_status::Pay).key(key).execute(pool).await?.accepted()?;
    Order::fire(id, order_status::Pay).actor("user:7").execute(pool).await?.accepted()?;
    Ok(())
}

fn main() {}
