use idem::StateMachine;

#[derive(StateMachine, Debug, Clone, Copy, PartialEq, Eq)]
#[state_machine(initial = Unpaid)]
#[transition(pay: Unpaid => Paid)]
enum OrderStatus<const N: usize> {
    Unpaid,
    #[state(final)]
    Paid,
}

fn main() {}
