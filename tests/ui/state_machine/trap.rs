#![deny(warnings)]

use idem::StateMachine;

#[derive(StateMachine, Debug, Clone, Copy, PartialEq, Eq)]
#[state_machine(initial = Unpaid)]
#[transition(pay: Unpaid => Paid)]
#[transition(ship: Paid => Shipped)]
pub enum OrderStatus {
    Unpaid,
    Paid,
    Shipped,
}

fn main() {}
