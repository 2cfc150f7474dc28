//! SQLite locks the whole database.

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

async fn lock(id: i64, tx: &mut sqlx::SqliteTransaction<'_>) -> Result<(), idem::EntityError> {
    let order = Order::lock(tx, id).for_update().skip_locked().one().await?;
    Ok(())
}

fn main() {}
