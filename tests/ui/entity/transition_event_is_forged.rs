//! That an event happened is known to the call alone that moved the row.

use idem::entity::TransitionEvent;
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

fn publish(_: TransitionEvent<OrderStatus>) {}

fn forge() {
    publish(TransitionEvent {
        event: OrderStatusEvent::Pay,
        from: OrderStatus::Unpaid,
        to: OrderStatus::Paid,
        version: None,
    });
}

fn main() {}
