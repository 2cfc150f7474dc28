//! A Rust guard looks at the loaded entity.

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
    address: Option<String>,
}

#[derive(StateMachine, Debug, Clone, Copy, PartialEq, Eq)]
#[state_machine(initial = Unpaid, entity = Order)]
#[transition(pay: Unpaid => Paid, guard = has_address)]
enum OrderStatus {
    Unpaid,
    #[state(final)]
    Paid,
}

fn has_address(order: &Order) -> Result<(), idem::machine::GuardError> {
    order.address.as_ref().map(|_| ()).ok_or_else(|| "the order has no address".into())
}

async fn pay(id: i64, pool: &sqlx::SqlitePool) -> Result<(), idem::EntityError> {
    Order::fire(id, order_status::Pay).execute(pool).await?.accepted()?;
    Ok(())
}

fn main() {}
