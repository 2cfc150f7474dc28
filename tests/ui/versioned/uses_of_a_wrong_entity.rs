//! A mistake in the struct is not reported again where it is used.

use idem::{StateMachine, Versioned};

#[derive(Versioned, sqlx::FromRow, Clone)]
#[versioned(table = "orders")]
struct Order {
    #[versioned(id)]
    id: i64,
    #[versioned(verison)]
    version: i64,
    #[versioned(state)]
    payment: Payment,
}

#[derive(StateMachine, Debug, Clone, Copy, PartialEq, Eq)]
#[state_machine(initial = Unpaid)]
#[transition(pay: Unpaid => Paid)]
enum Payment {
    Unpaid,
    #[state(final)]
    Paid,
}

async fn pay(tx: &mut sqlx::SqliteTransaction<'_>, order: &Order) -> Result<(), idem::EntityError> {
    let mut draft = order.clone();
    draft.version += 1;
    let _ = order.update_to(&draft, &mut *tx).await?;
    let _ = Order::fire(order.id, payment::Pay).execute(&mut *tx).await?;
    let _ = order.transition(payment::Pay).execute(&mut *tx).await?;
    Ok(())
}

fn main() {}
