use idem::StateMachine;

#[derive(StateMachine, Debug, Clone, Copy, PartialEq, Eq)]
#[state_machine(initial = Unpaid)]
#[transition(pay: Unpaid => Paid)]
#[transition(pay: Unpaid => Held)]
enum OrderStatus {
    Unpaid,
    #[state(final)]
    Paid,
    #[state(final)]
    Held,
}

fn main() {}
