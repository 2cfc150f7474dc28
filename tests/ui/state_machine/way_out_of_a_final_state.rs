use idem::StateMachine;

#[derive(StateMachine, Debug, Clone, Copy, PartialEq, Eq)]
#[state_machine(initial = Unpaid)]
#[transition(pay: Unpaid => Paid)]
#[transition(refund: Unpaid | Paid => Refunded)]
enum OrderStatus {
    Unpaid,
    #[state(final)]
    Paid,
    #[state(final)]
    Refunded,
}

fn main() {}
