//! A state's name is a word.

use idem::{StateMachine, Versioned};

#[derive(Versioned, Clone)]
#[versioned(table = "orders")]
struct Order {
    #[versioned(id)]
    id: i64,
    #[versioned(state = "the payment")]
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

fn main() {}
