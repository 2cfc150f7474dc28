//! A connection without a transaction would tear apart what must happen together.

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

async fn pay(id: i64, connection: &mut sqlx::SqliteConnection) -> Result<(), idem::EntityError> {
    Order::fire(id, order_status::Pay).execute(&mut *connection).await?.accepted()?;
    let order = Order::load(id, connection).await?;
    Ok(())
}

fn main() {}
