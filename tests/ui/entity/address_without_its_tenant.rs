//! A row of a tenant is addressed with the tenant.

use idem::{StateMachine, Versioned};

#[derive(Versioned, sqlx::FromRow, Clone)]
#[versioned(table = "orders")]
struct Order {
    #[versioned(id)]
    id: i64,
    #[versioned(tenant)]
    tenant: String,
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

async fn pay(id: i64, pool: &sqlx::SqlitePool) -> Result<(), idem::EntityError> {
    Order::fire(id, order_status::Pay).execute(pool).await?.accepted()?;
    let order = Order::load(id, pool).await?;
    Ok(())
}

fn main() {}
