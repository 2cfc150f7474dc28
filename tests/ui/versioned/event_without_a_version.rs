//! What is fenced by version needs one.

use idem::{StateMachine, Versioned};

#[derive(Versioned, Clone)]
#[versioned(table = "orders")]
struct Order {
    #[versioned(id)]
    id: i64,
    #[versioned(state)]
    payment: Payment,
}

#[derive(StateMachine, Debug, Clone, Copy, PartialEq, Eq)]
#[state_machine(initial = Unpaid)]
#[transition(pay: Unpaid => Paid, fence = version)]
#[transition(reopen: Paid => Unpaid, fence = version)]
#[transition(close: Paid => Closed)]
enum Payment {
    Unpaid,
    Paid,
    #[state(final)]
    Closed,
}

fn main() {}
