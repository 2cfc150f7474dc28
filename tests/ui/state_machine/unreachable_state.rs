use idem::StateMachine;

#[derive(StateMachine, Debug, Clone, Copy, PartialEq, Eq)]
#[state_machine(initial = Unpaid)]
#[transition(pay: Unpaid => Paid)]
#[transition(release: Held => Paid)]
enum OrderStatus {
    Unpaid,
    #[state(final)]
    Paid,
    Held,
}

fn main() {}
