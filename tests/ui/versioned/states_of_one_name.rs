//! An audit row says which state it is about.

use idem::{StateMachine, Versioned};

#[derive(Versioned, Clone)]
#[versioned(table = "orders")]
struct Order {
    #[versioned(id)]
    id: i64,
    #[versioned(state = "payment")]
    payment: Payment,
    #[versioned(state = "payment")]
    delivery: Delivery,
}

#[derive(StateMachine, Debug, Clone, Copy, PartialEq, Eq)]
#[state_machine(initial = Unpaid)]
#[transition(pay: Unpaid => Paid)]
enum Payment {
    Unpaid,
    #[state(final)]
    Paid,
}

#[derive(StateMachine, Debug, Clone, Copy, PartialEq, Eq)]
#[state_machine(initial = Waiting)]
#[transition(ship: Waiting => Sent)]
enum Delivery {
    Waiting,
    #[state(final)]
    Sent,
}

fn main() {}
