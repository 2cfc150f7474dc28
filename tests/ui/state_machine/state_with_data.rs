use idem::StateMachine;

#[derive(StateMachine, Debug, Clone, Copy, PartialEq, Eq)]
#[state_machine(initial = Unpaid)]
#[transition(pay: Unpaid => Paid)]
#[transition(refund: Paid => Refunded)]
enum OrderStatus {
    Unpaid,
    Paid(u64),
    #[state(final)]
    Refunded { by: u64 },
}

// What is generated is there all the same.
const _: bool = OrderStatus::INITIAL.is_final();
const _: OrderStatusEvent = OrderStatusEvent::Pay;

fn main() {}
