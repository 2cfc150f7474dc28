//! A conflict is an outcome and not an error, so `?` alone loses it. It is a warning, which is denied here to be seen.
#![deny(unused_must_use)]

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
#[state_machine(initial = Unpaid)]
#[transition(pay: Unpaid => Paid)]
enum OrderStatus {
    Unpaid,
    #[state(final)]
    Paid,
}

async fn pay(order: &Order, draft: &Order, tx: &mut sqlx::SqliteTransaction<'_>) -> Result<(), idem::EntityError> {
    Order::fire(order.id, order_status::Pay);
    Order::fire(order.id, order_status::Pay).execute(&mut *tx);
    Order::fire(order.id, order_status::Pay).execute(&mut *tx).await?;
    order.update_to(draft, &mut *tx).await?;
    order.insert_once(&mut *tx).await?;
    order.delete(&mut *tx).await?;
    Ok(())
}

fn main() {}
