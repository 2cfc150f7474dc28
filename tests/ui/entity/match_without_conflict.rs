//! Whoever matches on an outcome has an answer to each.

use idem::entity::{Transition, Write};
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

async fn pay(id: i64, pool: &sqlx::SqlitePool) -> Result<u16, idem::EntityError> {
    Ok(match Order::fire(id, order_status::Pay).execute(pool).await? {
        Transition::Applied { .. } | Transition::AlreadyApplied { .. } => 200,
        Transition::Rejected { .. } => 422,
        Transition::NotFound => 404,
    })
}

async fn put(order: &Order, draft: &Order, pool: &sqlx::SqlitePool) -> Result<u16, idem::EntityError> {
    Ok(match order.update_to(draft, pool).await? {
        Write::Applied(_) | Write::Unchanged => 200,
        Write::NotFound => 404,
    })
}

fn main() {}
