//! One mistake is one message: the event is known, and so is the initial state.

use idem::StateMachine;

#[derive(StateMachine, Debug, Clone, Copy, PartialEq, Eq)]
enum OrderStatus {
    #[state(initial)]
    #[transition(pay: Unpaid => Paid)]
    Unpaid,
    #[state(final)]
    Paid,
}

#[derive(StateMachine, Debug, Clone, Copy, PartialEq, Eq)]
#[transition(open: Closed => Opened)]
enum Door {
    #[state_machine(initial = Closed)]
    Closed,
    #[state(final)]
    Opened,
}

fn main() {
    let _ = (order_status::Pay, OrderStatus::Unpaid.apply(OrderStatusEvent::Pay));
    let _ = (door::Open, DoorEvent::Open);
}
