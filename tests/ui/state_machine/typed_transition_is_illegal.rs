use idem::StateMachine;

#[derive(StateMachine, Debug, Clone, Copy, PartialEq, Eq)]
#[state_machine(initial = Unpaid)]
#[transition(pay: Unpaid => Paid)]
#[transition(ship: Paid => Shipped)]
#[transition(cancel: Unpaid | Paid => Cancelled)]
pub enum OrderStatus {
    Unpaid,
    Paid,
    #[state(final)]
    Shipped,
    #[state(final)]
    Cancelled,
}

use order_status::state;

fn ship() -> state::Shipped {
    state::Unpaid.to(state::Shipped)
}

fn main() {}
